package provider

import "github.com/hashicorp/terraform-plugin-framework/resource/schema"

func fakeBackend() schema.Attribute {
	return optionalObject("Values written here, for tests and demonstrations. They are part of the Terraform state, and of the store, which everybody can "+
		"read who may read stores. Of `find` it knows `name` only. ESO tells fake stores apart by name alone, so give each a name of its own.", map[string]schema.Attribute{
		"data": requiredObjectList("The values.", map[string]schema.Attribute{
			"key": requiredString("Name of the value in this backend. The same one may come in several versions."),
			"value": schema.StringAttribute{
				Required:            true,
				Sensitive:           true,
				MarkdownDescription: "The value. Terraform hides it in its output, but keeps it in the state.",
			},
			"version": optionalString("Version of the value. Absent: the one that is read when no version is asked for."),
		}),
		"validation_result": optionalInt64("What ESO's check of the store answers: `0` ready, `1` unknown, `2` error. Absent: ready."),
	})
}
