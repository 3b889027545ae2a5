// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// certificateBundle is a certificate as ca_bundle wants it; only its form counts.
var certificateBundle = base64.StdEncoding.EncodeToString([]byte("-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"))

// checkedStores are specs of spec.provider with the paths below it that are refused, in order; with "?" those that are
// warned of. CLUSTER in front of a name makes it a cluster-wide store, all others belong to the project team-a.
var checkedStores = map[string]struct {
	provider string
	want     string
}{
	// vault
	"vault kubernetes":              {`vault: {server: "https://v:8200", path: secret, auth: {kubernetes: {role: r, serviceAccountRef: {name: it}}}}`, ``},
	"vault token":                   {`vault: {server: "https://v", auth: {tokenSecretRef: {name: it, key: k}}}`, ``},
	"vault app role":                {`vault: {server: "https://v", auth: {appRole: {roleId: r, secretRef: {name: it, key: k}}}}`, ``},
	"vault ldap":                    {`vault: {server: "https://v", auth: {ldap: {username: u, secretRef: {name: it, key: k}}}}`, ``},
	"vault userpass":                {`vault: {server: "https://v", auth: {userPass: {username: u, secretRef: {name: it, key: k}}}}`, ``},
	"vault jwt":                     {`vault: {server: "https://v", auth: {jwt: {kubernetesServiceAccountToken: {serviceAccountRef: {name: it}, expirationSeconds: 600}}}}`, ``},
	"vault cert":                    {`vault: {server: "https://v", auth: {cert: {clientCert: {name: it, key: k}, secretRef: {name: it, key: k}}}}`, ``},
	"vault iam":                     {`vault: {server: "https://v", auth: {iam: {vaultRole: r, region: us-gov-west-1, role: "arn:aws-us-gov:iam::123456789012:role/a/b", jwt: {serviceAccountRef: {name: it}}}}}`, ``},
	"vault default keys":            {`vault: {server: "https://v", tls: {certSecretRef: {name: it}, keySecretRef: {name: it}}, auth: {kubernetes: {role: r, secretRef: {name: it}}}}`, ``},
	"vault without server":          {`vault: {auth: {tokenSecretRef: {name: it, key: k}}}`, `vault.server`},
	"vault address without scheme":  {`vault: {server: "v:8200", auth: {tokenSecretRef: {name: it, key: k}}}`, `vault.server`},
	"vault address of a database":   {`vault: {server: "postgres://v", auth: {tokenSecretRef: {name: it, key: k}}}`, `vault.server`},
	"vault address with password":   {`vault: {server: "https://u:p@v", auth: {tokenSecretRef: {name: it, key: k}}}`, `vault.server`},
	"vault version":                 {`vault: {server: "https://v", version: v3, auth: {tokenSecretRef: {name: it, key: k}}}`, `vault.version`},
	"vault v1 without path":         {`vault: {server: "https://v", version: v1, auth: {tokenSecretRef: {name: it, key: k}}}`, `vault.path?`},
	"vault v1 with check and set":   {`vault: {server: "https://v", version: v1, path: p, checkAndSet: {required: true}, auth: {tokenSecretRef: {name: it, key: k}}}`, `vault.checkAndSet.required`},
	"vault half of a certificate":   {`vault: {server: "https://v", tls: {certSecretRef: {name: it}}, auth: {tokenSecretRef: {name: it, key: k}}}`, `vault.tls.keySecretRef`},
	"vault two authorities":         {`vault: {server: "https://v", caBundle: BUNDLE, caProvider: {type: Secret, name: it, key: k}, auth: {tokenSecretRef: {name: it, key: k}}}`, `vault.caBundle?`},
	"vault bundle that is PEM":      {`vault: {server: "https://v", caBundle: "-----BEGIN CERTIFICATE-----", auth: {tokenSecretRef: {name: it, key: k}}}`, `vault.caBundle`},
	"vault bundle of something":     {`vault: {server: "https://v", caBundle: aGVsbG8=, auth: {tokenSecretRef: {name: it, key: k}}}`, `vault.caBundle`},
	"vault authority":               {`vault: {server: "https://v", caProvider: {type: Pod, name: it}, auth: {tokenSecretRef: {name: it, key: k}}}`, `vault.caProvider.key vault.caProvider.type`},
	"vault no auth":                 {`vault: {server: "https://v"}`, `vault.auth?`},
	"vault empty auth":              {`vault: {server: "https://v", auth: {}}`, `vault.auth`},
	"vault two methods":             {`vault: {server: "https://v", auth: {tokenSecretRef: {name: it, key: k}, ldap: {username: u, secretRef: {name: it, key: k}}}}`, `vault.auth.tokenSecretRef?`},
	"vault token without key":       {`vault: {server: "https://v", auth: {tokenSecretRef: {name: it}}}`, `vault.auth.tokenSecretRef.key`},
	"vault token without name":      {`vault: {server: "https://v", auth: {tokenSecretRef: {key: k}}}`, `vault.auth.tokenSecretRef.name`},
	"vault app role without id":     {`vault: {server: "https://v", auth: {appRole: {secretRef: {name: it, key: k}}}}`, `vault.auth.appRole`},
	"vault app role with two ids":   {`vault: {server: "https://v", auth: {appRole: {roleId: r, roleRef: {name: it, key: k}, secretRef: {name: it, key: k}}}}`, `vault.auth.appRole.roleId?`},
	"vault kubernetes without role": {`vault: {server: "https://v", auth: {kubernetes: {serviceAccountRef: {name: it}}}}`, `vault.auth.kubernetes.role`},
	"vault kubernetes as ESO":       {`vault: {server: "https://v", auth: {kubernetes: {role: r}}}`, `vault.auth.kubernetes?`},
	"vault kubernetes twice":        {`vault: {server: "https://v", auth: {kubernetes: {role: r, serviceAccountRef: {name: it}, secretRef: {name: it}}}}`, `vault.auth.kubernetes.serviceAccountRef?`},
	"vault user without password":   {`vault: {server: "https://v", auth: {userPass: {username: u}}}`, `vault.auth.userPass.secretRef`},
	"vault user without name":       {`vault: {server: "https://v", auth: {ldap: {username: "", secretRef: {name: it, key: k}}}}`, `vault.auth.ldap.username`},
	"vault jwt of two":              {`vault: {server: "https://v", auth: {jwt: {secretRef: {name: it, key: k}, kubernetesServiceAccountToken: {serviceAccountRef: {name: it}}}}}`, `vault.auth.jwt.secretRef?`},
	"vault jwt without token":       {`vault: {server: "https://v", auth: {jwt: {role: r}}}`, `vault.auth.jwt`},
	"vault jwt for a minute":        {`vault: {server: "https://v", auth: {jwt: {kubernetesServiceAccountToken: {serviceAccountRef: {name: it}, expirationSeconds: 60}}}}`, `vault.auth.jwt.kubernetesServiceAccountToken.expirationSeconds`},
	"vault cert without key":        {`vault: {server: "https://v", auth: {cert: {clientCert: {name: it, key: k}}}}`, `vault.auth.cert.secretRef`},
	"vault cert without TLS":        {`vault: {server: "http://v", auth: {cert: {clientCert: {name: it, key: k}, secretRef: {name: it, key: k}}}}`, `vault.auth.cert`},
	"vault iam jwt without account": {`vault: {server: "https://v", auth: {iam: {vaultRole: r, jwt: {}}}}`, `vault.auth.iam.jwt.serviceAccountRef`},
	"vault iam as ESO":              {`vault: {server: "https://v", auth: {iam: {vaultRole: r}}}`, `vault.auth.iam?`},
	"vault iam wrong words":         {`vault: {server: "https://v", auth: {iam: {region: Frankfurt, role: admin, jwt: {serviceAccountRef: {name: it}}}}}`, `vault.auth.iam.vaultRole vault.auth.iam.region? vault.auth.iam.role?`},
	"vault another namespace":       {`vault: {server: "https://v", namespace: root, auth: {tokenSecretRef: {name: it, key: k, namespace: team-b}}}`, `vault.auth.tokenSecretRef.namespace`},
	"vault own namespace":           {`vault: {server: "https://v", auth: {tokenSecretRef: {name: it, key: k, namespace: team-a}}}`, ``},
	"CLUSTER vault":                 {`vault: {server: "https://v", auth: {tokenSecretRef: {name: it, key: k, namespace: ns}}}`, ``},
	"CLUSTER vault referent":        {`vault: {server: "https://v", auth: {tokenSecretRef: {name: it, key: k}}}`, `vault.auth.tokenSecretRef.namespace?`},
	"CLUSTER vault tls":             {`vault: {server: "https://v", tls: {certSecretRef: {name: it}, keySecretRef: {name: it}}, auth: {tokenSecretRef: {name: it, key: k}}}`, `vault.tls.certSecretRef.namespace vault.tls.keySecretRef.namespace vault.auth.tokenSecretRef.namespace?`},
	"CLUSTER vault authority":       {`vault: {server: "https://v", caProvider: {type: Secret, name: it, key: k}, auth: {tokenSecretRef: {name: it, key: k, namespace: ns}}}`, `vault.caProvider.namespace`},
	"CLUSTER vault role ID":         {`vault: {server: "https://v", auth: {appRole: {roleRef: {name: it, key: k}, secretRef: {name: it, key: k, namespace: ns}}}}`, `vault.auth.appRole.roleRef.namespace`},
	"CLUSTER vault both":            {`vault: {server: "https://v", auth: {appRole: {roleRef: {name: it, key: k}, secretRef: {name: it, key: k}}}}`, `vault.auth.appRole.secretRef.namespace?`},
	"CLUSTER vault as ESO":          {`vault: {server: "https://v", auth: {kubernetes: {role: r}}}`, ``},

	"vault gcp":               {`vault: {server: "https://v", auth: {gcp: {role: r, workloadIdentity: {serviceAccountRef: {name: it}}}}}`, ``},
	"vault gcp as ESO":        {`vault: {server: "https://v", auth: {gcp: {role: r}}}`, `vault.auth.gcp?`},
	"vault gcp twice":         {`vault: {server: "https://v", auth: {gcp: {role: r, secretRef: {}, serviceAccountRef: {name: it}}}}`, `vault.auth.gcp.secretRef? vault.auth.gcp.secretRef.secretAccessKeySecretRef`},
	"openBao":                 {`openBao: {server: "https://b", auth: {appRole: {roleId: r, secretRef: {name: it, key: k}}}}`, ``},
	"openBao user":            {`openBao: {server: "https://b", auth: {userPass: {username: u, secretRef: {name: it, key: k}}}}`, ``},
	"openBao without login":   {`openBao: {server: "https://b"}`, `openBao.auth`},
	"openBao half a user":     {`openBao: {server: "https://b", auth: {userPass: {username: u}}}`, `openBao.auth.userPass.secretRef`},
	"CLUSTER openBao role ID": {`openBao: {server: "https://b", auth: {appRole: {roleRef: {name: it, key: k}, secretRef: {name: it, key: k, namespace: ns}}}}`, `openBao.auth.appRole.roleRef.namespace`},

	// aws
	"aws certificates":          {`aws: {service: CertificateManager, region: eu-central-1, auth: {jwt: {serviceAccountRef: {name: it}}}}`, ``},
	"aws session tags":          {`aws: {service: SecretsManager, region: eu-central-1, sessionTagsPolicy: Custom, customSessionTags: {a: b}, auth: {jwt: {serviceAccountRef: {name: it}}}}`, ``},
	"aws session tags policy":   {`aws: {service: SecretsManager, region: eu-central-1, sessionTagsPolicy: Some, auth: {jwt: {serviceAccountRef: {name: it}}}}`, `aws.sessionTagsPolicy`},
	"aws jwt":                   {`aws: {service: SecretsManager, region: eu-central-1, auth: {jwt: {serviceAccountRef: {name: it}}}}`, ``},
	"aws keys":                  {`aws: {service: ParameterStore, region: us-iso-east-1, auth: {secretRef: {accessKeyIDSecretRef: {name: it, key: k}, secretAccessKeySecretRef: {name: it, key: k}}}}`, ``},
	"aws regions":               {`aws: {service: ParameterStore, region: eusc-de-east-1, auth: {jwt: {serviceAccountRef: {name: it}}}}`, ``},
	"aws service":               {`aws: {service: S3, region: eu-central-1, auth: {jwt: {serviceAccountRef: {name: it}}}}`, `aws.service?`},
	"aws availability zone":     {`aws: {service: SecretsManager, region: eu-central-1a, auth: {jwt: {serviceAccountRef: {name: it}}}}`, `aws.region?`},
	"aws nothing":               {`aws: {}`, `aws.service aws.region aws.auth?`},
	"aws roles":                 {`aws: {service: SecretsManager, region: eu-central-1, role: "arn:aws:iam::1:role/x", additionalRoles: ["arn:aws:iam::123456789012:role/ok", admin], auth: {jwt: {serviceAccountRef: {name: it}}}}`, `aws.role? aws.additionalRoles[1]?`},
	"aws without role":          {`aws: {service: SecretsManager, region: eu-central-1, externalID: x, sessionTags: [{key: k, value: v}], auth: {jwt: {serviceAccountRef: {name: it}}}}`, `aws.externalID? aws.sessionTags?`},
	"aws jwt without account":   {`aws: {service: SecretsManager, region: eu-central-1, auth: {jwt: {}}}`, `aws.auth.jwt.serviceAccountRef`},
	"aws two methods":           {`aws: {service: SecretsManager, region: eu-central-1, auth: {jwt: {serviceAccountRef: {name: it}}, secretRef: {accessKeyIDSecretRef: {name: it, key: k}, secretAccessKeySecretRef: {name: it, key: k}}}}`, `aws.auth.jwt?`},
	"aws half a key":            {`aws: {service: SecretsManager, region: eu-central-1, auth: {secretRef: {accessKeyIDSecretRef: {name: it, key: k}}}}`, `aws.auth.secretRef.secretAccessKeySecretRef`},
	"aws as ESO":                {`aws: {service: SecretsManager, region: eu-central-1}`, `aws.auth?`},
	"CLUSTER aws as ESO":        {`aws: {service: SecretsManager, region: eu-central-1}`, ``},
	"aws window":                {`aws: {service: SecretsManager, region: eu-central-1, secretsManager: {recoveryWindowInDays: 6}, auth: {jwt: {serviceAccountRef: {name: it}}}}`, `aws.secretsManager.recoveryWindowInDays`},
	"aws window and none":       {`aws: {service: SecretsManager, region: eu-central-1, secretsManager: {recoveryWindowInDays: 7, forceDeleteWithoutRecovery: true}, auth: {jwt: {serviceAccountRef: {name: it}}}}`, `aws.secretsManager.recoveryWindowInDays`},
	"aws window unset":          {`aws: {service: SecretsManager, region: eu-central-1, secretsManager: {recoveryWindowInDays: 0, forceDeleteWithoutRecovery: true}, auth: {jwt: {serviceAccountRef: {name: it}}}}`, ``},
	"aws window of parameters":  {`aws: {service: ParameterStore, region: eu-central-1, secretsManager: {recoveryWindowInDays: 30}, auth: {jwt: {serviceAccountRef: {name: it}}}}`, `aws.secretsManager?`},
	"CLUSTER aws referent":      {`aws: {service: SecretsManager, region: eu-central-1, auth: {jwt: {serviceAccountRef: {name: it}}}}`, `aws.auth.jwt.serviceAccountRef.namespace?`},
	"aws of another namespace":  {`aws: {service: SecretsManager, region: eu-central-1, auth: {jwt: {serviceAccountRef: {name: it, namespace: team-b}}}}`, `aws.auth.jwt.serviceAccountRef.namespace`},
	"CLUSTER aws own namespace": {`aws: {service: SecretsManager, region: eu-central-1, auth: {jwt: {serviceAccountRef: {name: it, namespace: ns}}}}`, ``},

	// gcp
	"gcp workload identity":      {`gcpsm: {projectID: p, auth: {workloadIdentity: {serviceAccountRef: {name: it}}}}`, ``},
	"gcp key":                    {`gcpsm: {projectID: p, location: europe-west3, secretVersionSelectionPolicy: LatestOrFetch, auth: {secretRef: {secretAccessKeySecretRef: {name: it, key: k}}}}`, ``},
	"gcp federation":             {`gcpsm: {projectID: p, auth: {workloadIdentityFederation: {credConfig: {name: it, key: k}}}}`, ``},
	"gcp key without project":    {`gcpsm: {auth: {secretRef: {secretAccessKeySecretRef: {name: it, key: k}}}}`, `gcpsm.projectID`},
	"gcp without project":        {`gcpsm: {auth: {workloadIdentity: {serviceAccountRef: {name: it}}}}`, `gcpsm.projectID?`},
	"gcp policy":                 {`gcpsm: {projectID: p, secretVersionSelectionPolicy: Latest, auth: {workloadIdentity: {serviceAccountRef: {name: it}}}}`, `gcpsm.secretVersionSelectionPolicy?`},
	"gcp location":               {`gcpsm: {projectID: p, location: "Frankfurt am Main", auth: {workloadIdentity: {serviceAccountRef: {name: it}}}}`, `gcpsm.location?`},
	"gcp two methods":            {`gcpsm: {projectID: p, auth: {secretRef: {secretAccessKeySecretRef: {name: it, key: k}}, workloadIdentity: {serviceAccountRef: {name: it}}}}`, `gcpsm.auth.secretRef?`},
	"gcp empty key":              {`gcpsm: {projectID: p, auth: {secretRef: {}}}`, `gcpsm.auth.secretRef.secretAccessKeySecretRef`},
	"gcp as ESO":                 {`gcpsm: {projectID: p}`, `gcpsm.auth?`},
	"gcp empty federation":       {`gcpsm: {projectID: p, auth: {workloadIdentityFederation: {audience: a}}}`, `gcpsm.auth.workloadIdentityFederation`},
	"gcp federation of two":      {`gcpsm: {projectID: p, auth: {workloadIdentityFederation: {audience: a, credConfig: {name: it, key: k}, serviceAccountRef: {name: it}}}}`, `gcpsm.auth.workloadIdentityFederation.credConfig`},
	"gcp federation to none":     {`gcpsm: {projectID: p, auth: {workloadIdentityFederation: {awsSecurityCredentials: {region: x_y, awsCredentialsSecretRef: {name: it}}}}}`, `gcpsm.auth.workloadIdentityFederation.audience gcpsm.auth.workloadIdentityFederation.awsSecurityCredentials.region?`},
	"CLUSTER gcp federation":     {`gcpsm: {projectID: p, auth: {workloadIdentityFederation: {audience: a, serviceAccountRef: {name: it}}}}`, `gcpsm.auth.workloadIdentityFederation.serviceAccountRef.namespace`},
	"CLUSTER gcp config":         {`gcpsm: {projectID: p, auth: {workloadIdentityFederation: {credConfig: {name: it, key: k}}}}`, `gcpsm.auth.workloadIdentityFederation.credConfig.namespace`},
	"CLUSTER gcp credentials":    {`gcpsm: {projectID: p, auth: {workloadIdentityFederation: {audience: a, awsSecurityCredentials: {region: eu-west-1, awsCredentialsSecretRef: {name: it}}}}}`, `gcpsm.auth.workloadIdentityFederation.awsSecurityCredentials.awsCredentialsSecretRef.namespace`},
	"CLUSTER gcp referent":       {`gcpsm: {projectID: p, auth: {workloadIdentity: {serviceAccountRef: {name: it}}}}`, `gcpsm.auth.workloadIdentity.serviceAccountRef.namespace?`},
	"gcp of another namespace":   {`gcpsm: {projectID: p, auth: {workloadIdentityFederation: {credConfig: {name: it, key: k, namespace: team-b}}}}`, `gcpsm.auth.workloadIdentityFederation.credConfig.namespace`},
	"CLUSTER gcp with namespace": {`gcpsm: {projectID: p, auth: {workloadIdentityFederation: {credConfig: {name: it, key: k, namespace: ns}}}}`, ``},

	// azure
	"azure principal":               {`azurekv: {vaultUrl: "https://v.vault.azure.net", tenantId: t, authSecretRef: {clientId: {name: it, key: k}, clientSecret: {name: it, key: k}}}`, ``},
	"azure certificate":             {`azurekv: {vaultUrl: "https://v", authType: ServicePrincipal, tenantId: t, authSecretRef: {clientId: {name: it, key: k}, clientCertificate: {name: it, key: k}}}`, ``},
	"azure workload identity":       {`azurekv: {vaultUrl: "https://v", authType: WorkloadIdentity, serviceAccountRef: {name: it}}`, ``},
	"azure SDK without TLS":         {`azurekv: {vaultUrl: "http://v", useAzureSDK: true, authType: WorkloadIdentity, serviceAccountRef: {name: it}}`, `azurekv.vaultUrl`},
	"azure without TLS":             {`azurekv: {vaultUrl: "http://v", authType: WorkloadIdentity, serviceAccountRef: {name: it}}`, ``},
	"azure URL":                     {`azurekv: {vaultUrl: v.vault.azure.net, authType: WorkloadIdentity, serviceAccountRef: {name: it}}`, `azurekv.vaultUrl`},
	"azure empty":                   {`azurekv: {}`, `azurekv.vaultUrl azurekv.tenantId azurekv.authSecretRef`},
	"azure principal without id":    {`azurekv: {vaultUrl: "https://v", tenantId: t, authSecretRef: {clientSecret: {name: it, key: k}}}`, `azurekv.authSecretRef.clientId`},
	"azure principal without proof": {`azurekv: {vaultUrl: "https://v", tenantId: t, authSecretRef: {clientId: {name: it, key: k}}}`, `azurekv.authSecretRef`},
	"azure principal with two":      {`azurekv: {vaultUrl: "https://v", tenantId: t, authSecretRef: {clientId: {name: it, key: k}, clientSecret: {name: it, key: k}, clientCertificate: {name: it, key: k}}}`, `azurekv.authSecretRef.clientSecret`},
	"azure type":                    {`azurekv: {vaultUrl: "https://v", authType: Password}`, `azurekv.authType`},
	"azure cloud":                   {`azurekv: {vaultUrl: "https://v", environmentType: Moon, authType: WorkloadIdentity, serviceAccountRef: {name: it}}`, `azurekv.environmentType?`},
	"azure identity without id":     {`azurekv: {vaultUrl: "https://v", authType: WorkloadIdentity, serviceAccountRef: {name: it}, authSecretRef: {tenantId: {name: it, key: k}}}`, `azurekv.authSecretRef.clientId`},
	"azure as ESO":                  {`azurekv: {vaultUrl: "https://v", authType: WorkloadIdentity}`, `azurekv.authType?`},
	"azure managed identity":        {`azurekv: {vaultUrl: "https://v", authType: ManagedIdentity, identityId: i, tenantId: t}`, `azurekv.authType? azurekv.tenantId?`},
	"CLUSTER azure managed":         {`azurekv: {vaultUrl: "https://v", authType: ManagedIdentity}`, ``},
	"azure stack":                   {`azurekv: {vaultUrl: "https://v", environmentType: AzureStackCloud, useAzureSDK: true, customCloudConfig: {activeDirectoryEndpoint: "https://a"}, authType: WorkloadIdentity, serviceAccountRef: {name: it}}`, ``},
	"azure China":                   {`azurekv: {vaultUrl: "https://v", environmentType: ChinaCloud, useAzureSDK: true, customCloudConfig: {activeDirectoryEndpoint: "https://a"}, authType: WorkloadIdentity, serviceAccountRef: {name: it}}`, `azurekv.customCloudConfig?`},
	"azure half a stack":            {`azurekv: {vaultUrl: "https://v", environmentType: AzureStackCloud, authType: WorkloadIdentity, serviceAccountRef: {name: it}}`, `azurekv.customCloudConfig azurekv.useAzureSDK`},
	"azure stack endpoints":         {`azurekv: {vaultUrl: "https://v", customCloudConfig: {activeDirectoryEndpoint: a}, authType: WorkloadIdentity, serviceAccountRef: {name: it}}`, `azurekv.useAzureSDK azurekv.customCloudConfig? azurekv.customCloudConfig.activeDirectoryEndpoint`},
	"CLUSTER azure principal":       {`azurekv: {vaultUrl: "https://v", tenantId: t, authSecretRef: {clientId: {name: it, key: k, namespace: ns}, clientCertificate: {name: it, key: k}}}`, `azurekv.authSecretRef.clientCertificate.namespace`},
	"CLUSTER azure referent":        {`azurekv: {vaultUrl: "https://v", tenantId: t, authSecretRef: {clientId: {name: it, key: k}, clientSecret: {name: it, key: k}}}`, `azurekv.authSecretRef.clientId.namespace?`},

	// kubernetes
	"kubernetes":                      {`kubernetes: {server: {caBundle: BUNDLE}, auth: {serviceAccount: {name: it}}}`, ``},
	"kubernetes kubeconfig":           {`kubernetes: {authRef: {name: it, key: k}}`, ``},
	"kubernetes without authority":    {`kubernetes: {auth: {serviceAccount: {name: it}}}`, `kubernetes.server?`},
	"kubernetes without auth":         {`kubernetes: {server: {caBundle: BUNDLE}}`, `kubernetes.auth`},
	"kubernetes two":                  {`kubernetes: {authRef: {name: it, key: k}, auth: {serviceAccount: {name: it}}}`, `kubernetes.auth?`},
	"kubernetes host":                 {`kubernetes: {server: {url: "other:6443", caBundle: BUNDLE}, auth: {serviceAccount: {name: it}}}`, ``},
	"kubernetes URL":                  {`kubernetes: {server: {url: "tcp://other:6443", caBundle: BUNDLE}, auth: {serviceAccount: {name: it}}}`, `kubernetes.server.url`},
	"kubernetes authority's place":    {`kubernetes: {server: {caProvider: {type: ConfigMap, name: it, key: k, namespace: team-a}}, auth: {serviceAccount: {name: it}}}`, `kubernetes.server.caProvider.namespace`},
	"kubernetes half a certificate":   {`kubernetes: {server: {caBundle: BUNDLE}, auth: {cert: {clientCert: {name: it, key: k}}}}`, `kubernetes.auth.cert.clientKey`},
	"kubernetes empty token":          {`kubernetes: {server: {caBundle: BUNDLE}, auth: {token: {bearerToken: {}}}}`, `kubernetes.auth.token.bearerToken.name kubernetes.auth.token.bearerToken.key`},
	"CLUSTER kubernetes authority":    {`kubernetes: {server: {caProvider: {type: ConfigMap, name: it, key: k}}, auth: {serviceAccount: {name: it, namespace: ns}}}`, `kubernetes.server.caProvider.namespace`},
	"CLUSTER kubernetes token":        {`kubernetes: {server: {caBundle: BUNDLE}, auth: {token: {bearerToken: {name: it, key: k}}}}`, `kubernetes.auth.token.bearerToken.namespace`},
	"CLUSTER kubernetes each project": {`kubernetes: {server: {caBundle: BUNDLE}, auth: {serviceAccount: {name: it}}}`, `kubernetes.auth.serviceAccount.namespace?`},

	// fake and others
	"fake":                {`fake: {data: [{key: k, value: v}]}`, ``},
	"fake empty values":   {`fake: {data: [{key: k, value: ""}, {value: v}], validationResult: 3}`, `fake.data[0].value fake.data[1].key fake.validationResult`},
	"other":               {`webhook: {url: "http://x"}`, ``},
	"newer backend":       {`later: {url: "http://x"}`, `later?`},
	"newer vault login":   {`vault: {server: "https://v", auth: {kerberos: {realm: r}}}`, `vault.auth.kerberos?`},
	"newer vault role ID": {`vault: {server: "https://v", auth: {appRole: {secretRef: {name: it, key: k}, roleFrom: {name: it}}}}`, `vault.auth.appRole.roleFrom?`},
	"newer openBao login": {`openBao: {server: "https://b", auth: {jwt: {role: r}}}`, `openBao.auth.jwt?`},
	"newer federation":    {`gcpsm: {projectID: p, auth: {workloadIdentityFederation: {audience: a, azure: {}}}}`, `gcpsm.auth.workloadIdentityFederation.azure?`},
	"newer azure proof":   {`azurekv: {vaultUrl: "https://v", tenantId: t, authSecretRef: {clientId: {name: it, key: k}, clientAssertion: {name: it}}}`, `azurekv.authSecretRef.clientAssertion?`},
	"aws elsewhere":       {`aws: {service: SecretsManager, region: "eu central", auth: {jwt: {serviceAccountRef: {name: it}}}}`, `aws.region`},
	"openBao two logins":  {`openBao: {server: "https://b", auth: {tokenSecretRef: {name: it, key: k}, userPass: {username: u, secretRef: {name: it, key: k}}}}`, `openBao.auth.tokenSecretRef`},
	"gcp sovereign":       {`gcpsm: {projectID: p, location: u-france-east1, auth: {workloadIdentity: {serviceAccountRef: {name: it}}}}`, ``},
	"fake map":            {`fake: {data: [{key: k, valueMap: {a: b}}]}`, ``},
	"vault headers":       {`vault: {server: "https://v", headers: {name: a, namespace: admin}, auth: {tokenSecretRef: {name: it, key: k}}}`, ``},
	"webhook headers":     {`webhook: {url: "http://x", result: {}, headers: {name: a, namespace: admin}}`, ``},
	"webhook secrets":     {`webhook: {url: "http://x", result: {}, secrets: [{name: a, secretRef: {name: it, key: k, namespace: team-b}}]}`, `webhook.secrets[0].secretRef.namespace`},
	"crd expressions":     {`crd: {resource: {group: example.com, version: v1, kind: Thing}, auth: {serviceAccount: {name: it}}, whitelist: {rules: [{name: "^app-", namespace: "^team-"}]}}`, ``},
	"crd account":         {`crd: {resource: {group: example.com, version: v1, kind: Thing}, auth: {serviceAccount: {name: it, namespace: team-b}}}`, `crd.auth.serviceAccount.namespace`},
	"newer reference":     {`webhook: {url: "http://x", result: {}, later: {name: it, namespace: team-b}}`, `webhook.later? webhook.later.namespace`},
	"known field only":    {`vault: {server: "https://v", auth: {namespace: root}}`, `vault.auth`},
	"newer field":         {`webhook: {url: "http://x", later: 1}`, `webhook.later?`},
	"required field":      {`webhook: {}`, `webhook.url`},
	"wrong types":         {`webhook: {url: 1, timeout: "5s", headers: [a], secrets: {}}`, `webhook.headers webhook.secrets webhook.url`},
	"webhook's timeout":   {`webhook: {url: "http://x", result: {}, timeout: 5}`, `webhook.timeout`},
	"no duration":         {`webhook: {url: "http://x", result: {}, timeout: 1d}`, `webhook.timeout`},
	"wrong project":       {`gcpsm: {projectID: [x], auth: {workloadIdentity: {serviceAccountRef: {name: it}}}}`, `gcpsm.projectID? gcpsm.projectID`},
	"wrong number":        {`fake: {data: [{key: k, value: v}], validationResult: "2"}`, `fake.validationResult`},
	"account's name":      {`vault: {server: "https://v", auth: {kubernetes: {role: r, serviceAccountRef: {name: My_Account, namespace: team-a}}}}`, `vault.auth.kubernetes.serviceAccountRef.name`},
	"account's absence":   {`vault: {server: "https://v", auth: {kubernetes: {role: r, serviceAccountRef: {}}}}`, `vault.auth.kubernetes.serviceAccountRef.name`},
	"key's name":          {`vault: {server: "https://v", auth: {tokenSecretRef: {name: it, key: a/b}}}`, `vault.auth.tokenSecretRef.key`},
	"no namespace":        {`kubernetes: {remoteNamespace: "", authRef: {name: it, key: k}}`, `kubernetes.remoteNamespace`},
	"empty value":         {`vault: {server: "https://v", version: "", caBundle: "", auth: {tokenSecretRef: {name: it, key: k}}}`, `vault.caBundle vault.version`},
	"empty role ID":       {`vault: {server: "https://v", auth: {appRole: {roleId: "", secretRef: {name: it, key: k}}}}`, `vault.auth.appRole`},
	"empty role":          {`aws: {service: SecretsManager, region: eu-central-1, role: "", auth: {jwt: {serviceAccountRef: {name: it}}}}`, ``},
	"nothing":             {`{}`, `.`},
	"two":                 {`{webhook: {}, vault: {}}`, `.`},
	"no object":           {`[webhook]`, `.`},
	"text":                {`webhook: x`, `webhook`},

	// one row for each rule that no other row holds
	"azure principal and more":       {`azurekv: {vaultUrl: "https://v", tenantId: t, identityId: i, serviceAccountRef: {name: it}, authSecretRef: {clientId: {name: it, key: k}, clientSecret: {name: it, key: k}}}`, `azurekv.serviceAccountRef? azurekv.identityId?`},
	"azure as ESO and more":          {`azurekv: {vaultUrl: "https://v", authType: WorkloadIdentity, tenantId: t}`, `azurekv.authType? azurekv.tenantId?`},
	"azure account and more":         {`azurekv: {vaultUrl: "https://v", authType: WorkloadIdentity, identityId: i, serviceAccountRef: {name: it}}`, `azurekv.identityId?`},
	"azure stack without endpoint":   {`azurekv: {vaultUrl: "https://v", environmentType: AzureStackCloud, useAzureSDK: true, customCloudConfig: {}, authType: WorkloadIdentity, serviceAccountRef: {name: it}}`, `azurekv.customCloudConfig.activeDirectoryEndpoint`},
	"CLUSTER azure tenant":           {`azurekv: {vaultUrl: "https://v", authType: ServicePrincipal, tenantId: t, authSecretRef: {clientId: {name: it, key: k, namespace: ns}, tenantId: {name: it, key: k}, clientSecret: {name: it, key: k, namespace: ns}}}`, `azurekv.authSecretRef.tenantId.namespace`},
	"fake results":                   {`fake: {data: [{key: k, value: v}], validationResult: 2}`, ``},
	"gcp empty workload identity":    {`gcpsm: {projectID: p, auth: {workloadIdentity: {}}}`, `gcpsm.auth.workloadIdentity.serviceAccountRef`},
	"gcp federation without keys":    {`gcpsm: {projectID: p, auth: {workloadIdentityFederation: {audience: a, awsSecurityCredentials: {region: eu-west-1}}}}`, `gcpsm.auth.workloadIdentityFederation.awsSecurityCredentials.awsCredentialsSecretRef`},
	"kubernetes no token":            {`kubernetes: {server: {caBundle: BUNDLE}, auth: {token: {}}}`, `kubernetes.auth.token.bearerToken`},
	"CLUSTER kubernetes kubeconfig":  {`kubernetes: {authRef: {name: it, key: k}}`, `kubernetes.authRef.namespace`},
	"CLUSTER kubernetes certificate": {`kubernetes: {server: {caBundle: BUNDLE}, auth: {cert: {clientCert: {name: it, key: k}, clientKey: {name: it, key: k}}}}`, `kubernetes.auth.cert.clientCert.namespace kubernetes.auth.cert.clientKey.namespace`},
	"vault app role without secret":  {`vault: {server: "https://v", auth: {appRole: {roleId: r}}}`, `vault.auth.appRole.secretRef`},
	"CLUSTER vault certificate":      {`vault: {server: "https://v", auth: {cert: {clientCert: {name: it, key: k}, secretRef: {name: it, key: k, namespace: ns}}}}`, `vault.auth.cert.clientCert.namespace`},
}

func TestCheckStore(t *testing.T) {
	for name, test := range checkedStores {
		t.Run(name, func(t *testing.T) {
			kind, project := airm.KindSecretStore, "team-a"
			if strings.HasPrefix(name, "CLUSTER ") {
				kind, project = airm.KindClusterSecretStore, ""
			}
			text := strings.ReplaceAll(test.provider, "BUNDLE", certificateBundle)
			if !strings.HasPrefix(text, "{") && !strings.HasPrefix(text, "[") {
				text = "{" + text + "}"
			}
			spec := fromYAML(t, "provider: "+text)
			var got []string
			for _, p := range CheckStore(kind, project, spec) {
				at := strings.TrimPrefix(strings.TrimPrefix(p.Path.String(), "spec.provider"), ".")
				if at == "" {
					at = "."
				}
				if p.Warning {
					at += "?"
				}
				got = append(got, at)
				if p.Summary == "" || !strings.HasPrefix(p.Detail, p.Path.String()+": ") || !strings.HasSuffix(p.Detail, ".") {
					t.Errorf("an unfinished text: %q, %q", p.Summary, p.Detail)
				}
			}
			if want := strings.Fields(test.want); !slices.Equal(got, want) {
				t.Errorf("got  %v\nwant %v", got, want)
			}
		})
	}
}

func TestCheckStoreRetry(t *testing.T) {
	if ps := CheckStore(airm.KindSecretStore, "team-a", fromYAML(t, `retrySettings: {maxRetries: 0, retryInterval: 1m}`)); len(ps) > 0 {
		t.Error(ps)
	}
	ps := CheckStore(airm.KindSecretStore, "team-a", fromYAML(t, `retrySettings: {maxRetries: -1, retryInterval: 1d}`))
	if len(ps) != 2 || ps[0].Path.String() != "spec.retrySettings.retryInterval" || ps[1].Path.String() != "spec.retrySettings.maxRetries" {
		t.Error(ps)
	}
}

// Who may use a store is checked as well.
func TestCheckStoreConditions(t *testing.T) {
	if ps := CheckStore(airm.KindClusterSecretStore, "", fromYAML(t, `{conditions: [{namespaceRegexes: ["^team-"], namespaces: [team-a]}], provider: {fake: {data: []}}}`)); len(ps) > 0 {
		t.Error(ps)
	}
	ps := CheckStore(airm.KindClusterSecretStore, "", fromYAML(t, `{conditions: [{namespaceRegexes: ["(?!x)"], namespaces: [Team]}], provider: {fake: {data: []}}}`))
	at := []string{"spec.conditions[0].namespaceRegexes[0]", "spec.conditions[0].namespaces[0]"}
	if len(ps) != 2 || ps[0].Path.String() != at[0] || ps[1].Path.String() != at[1] {
		t.Error(ps)
	}
}

// What is known only later is not judged by what it is not.
func TestCheckStoreDependsOn(t *testing.T) {
	for _, p := range CheckStore(airm.KindSecretStore, "team-a", fromYAML(t, `provider: {azurekv: {vaultUrl: "https://v"}}`)) {
		if !slices.ContainsFunc(p.Also, func(other jsonvalue.Path) bool { return other.String() == "spec.provider.azurekv.authType" }) {
			t.Errorf("does not depend on authType: %v", p)
		}
	}
}
