// Package docs holds the tests of what people read: guides, examples, pictures and licences.
package docs
