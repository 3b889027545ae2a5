package airm

// Definition is what an ExternalSecret shall hold, wherever it is placed.
type Definition struct {
	UseCase             UseCase
	Labels, Annotations map[string]string
	Spec                map[string]any
}
