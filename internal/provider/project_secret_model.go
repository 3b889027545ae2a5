package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
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

func (m *projectSecretModel) companions(c *cluster.Cluster, _ *settings) companions {
	return secretCompanions{model: m, cluster: c}
}

func (m *projectSecretModel) compute(map[string]any) {}

func (m *projectSecretModel) sync(live map[string]any, requestedAt, now time.Time) secrets.Sync {
	return secrets.ExternalSecretSync(live, requestedAt, now)
}
