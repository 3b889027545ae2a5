package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
)

type projectSecretModel struct {
	objectModel
	contentModel
	narrowedModel
	Project types.String `tfsdk:"project"`
}

func (m *projectSecretModel) ref() secrets.Ref {
	return secrets.Ref{Kind: secrets.KindExternalSecret, Project: m.Project.ValueString(), Name: m.Name.ValueString()}
}

func (m *projectSecretModel) problems() []problem {
	problems := append(m.objectProblems(), checkString(m.Project, "project", secrets.CheckProject)...)
	problems = append(problems, m.clustersProblems()...)
	problems = append(problems, checkString(m.UseCase, "use_case", func(text string) error { return secrets.CheckUseCase(text, true) })...)
	return append(problems, m.contentProblems(&m.objectModel, m.Project.ValueString())...)
}

func (m *projectSecretModel) surprises(before planModel) []problem {
	if before == nil {
		return m.contentSurprises(&m.objectModel, m.Project.ValueString(), nil)
	}
	return m.contentSurprises(&m.objectModel, m.Project.ValueString(), before.(*projectSecretModel).spec())
}

func (m *projectSecretModel) spec() map[string]any {
	definition, _ := m.definition(&m.objectModel, m.Project.ValueString())
	return definition.Spec
}

// preflight makes sure that ESO will not take over, and wipe, a Secret that is there already under the
// target's name.
func (m *projectSecretModel) preflight(ctx context.Context, c *cluster.Cluster, before kindModel) diag.Diagnostics {
	var diags diag.Diagnostics
	target := secrets.TargetSecretName(m.ref(), m.spec())
	sameTarget := before != nil && secrets.TargetSecretName(m.ref(), before.(*projectSecretModel).spec()) == target
	if sameTarget || !secrets.WipesExistingSecret(m.spec()) {
		return diags
	}
	exists, err := c.SecretExists(ctx, m.Project.ValueString(), target)
	if exists && before == nil {
		if _, err := c.Get(ctx, m.ref()); err == nil {
			return diags // the ExternalSecret exists too, and the create will say what to do about that
		}
	}
	switch {
	case cluster.IsForbidden(err):
		warnUnseen(&diags, m.Project.ValueString()+"/"+target)
	case err != nil:
		addError(&diags, err)
	case exists:
		diags.AddAttributeError(path.Root("target"), fmt.Sprintf("Secret %s/%s already exists", m.Project.ValueString(), target),
			fmt.Sprintf("External Secrets Operator would take over the Kubernetes Secret in cluster %q and replace its data, and delete it together with this resource. "+
				"Nothing was written. Choose another target.name, set target.creation_policy = \"Merge\" to add keys to it, or remove that Secret first.", c.Name()))
	}
	return diags
}

func (m *projectSecretModel) declares() string {
	return m.contentDeclares(&m.objectModel, m.Project.ValueString())
}

func (m *projectSecretModel) render(stamp secrets.Stamp, _ *settings) map[string]any {
	definition, _ := m.definition(&m.objectModel, m.Project.ValueString())
	return secrets.ExternalSecret(m.ref(), definition, stamp)
}

func (m *projectSecretModel) fill(ctx context.Context, object map[string]any) diag.Diagnostics {
	return m.fillContent(ctx, &m.objectModel, object)
}

func (m *projectSecretModel) companions(*cluster.Cluster, *settings) companions { return alone{} }

func (m *projectSecretModel) compute(map[string]any) {}

func (m *projectSecretModel) sync(live map[string]any, requestedAt, now time.Time) secrets.Sync {
	return secrets.ExternalSecretSync(live, requestedAt, now)
}
