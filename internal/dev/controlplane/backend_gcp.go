// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

//go:build !demo

package main

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"cloud.google.com/go/iam/credentials/apiv1/credentialspb"
	"cloud.google.com/go/secretmanager/apiv1/secretmanagerpb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

const (
	gcpProject = "airm-project"
	gcpEmail   = "airm@airm-project.iam.gserviceaccount.com"

	gcpTokenHost  = "oauth2.googleapis.com"
	gcpSTSHost    = "sts.googleapis.com"            // for tokens of a workload identity pool
	gcpBindHost   = "securetoken.googleapis.com"    // for tokens of service accounts of GKE
	gcpIAMHost    = "iamcredentials.googleapis.com" // for the service account of Google that those act as
	gcpSecretHost = "secretmanager.googleapis.com"
	gcpRegionHost = "secretmanager.europe-west1.rep.googleapis.com"
)

// gcpServer is Google's Secret Manager of one project, with one service account.
type gcpServer struct {
	secretmanagerpb.UnimplementedSecretManagerServiceServer

	values *values
	key    *rsa.PrivateKey // of the service account
	tokens sync.Map
}

func (s *backendServers) addGCP() error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	gcp := &gcpServer{values: newValues(), key: key}
	accountKey, err := gcp.accountKey()
	if err != nil {
		return err
	}
	server := grpc.NewServer(grpc.UnaryInterceptor(gcp.authenticate))
	secretmanagerpb.RegisterSecretManagerServiceServer(server, gcp)
	s.hosts[gcpTokenHost] = http.HandlerFunc(gcp.serveToken)
	credentialspb.RegisterIAMCredentialsServer(server, gcpIAM{gcp: gcp})
	s.hosts[gcpSecretHost], s.hosts[gcpRegionHost], s.hosts[gcpIAMHost] = server, server, server
	s.hosts[gcpSTSHost] = http.HandlerFunc(gcp.serveExchange)
	s.hosts[gcpBindHost] = http.HandlerFunc(gcp.serveExchange)
	s.backends["gcp"] = &emulatedBackend{
		Endpoint:    "https://" + gcpSecretHost,
		Credentials: map[string]string{"project_id": gcpProject, "service_account_key": accountKey, "service_account": gcpEmail},
		values:      gcp.values,
	}
	return nil
}

// accountKey is the file that Google gives for the key of a service account.
func (g *gcpServer) accountKey() (string, error) {
	der, err := x509.MarshalPKCS8PrivateKey(g.key)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(map[string]string{
		"type":           "service_account",
		"project_id":     gcpProject,
		"private_key_id": "airm",
		"private_key":    string(encodePEM("PRIVATE KEY", der)),
		"client_email":   gcpEmail,
		"client_id":      "100000000000000000000",
		"token_uri":      "https://" + gcpTokenHost + "/token",
	})
	return string(text), err
}

// serveToken exchanges a token that the service account has signed for one that the Secret Manager accepts.
func (g *gcpServer) serveToken(w http.ResponseWriter, r *http.Request) {
	assertion := r.PostFormValue("assertion")
	c, ok := readClaims(assertion)
	if !ok || c.Issuer != gcpEmail {
		writeJSON(w, http.StatusBadRequest, jsonObject{"error": "invalid_grant", "error_description": "Invalid grant: account not found"})
		return
	}
	if !g.signed(assertion) {
		writeJSON(w, http.StatusBadRequest, jsonObject{"error": "invalid_grant", "error_description": "Invalid JWT Signature."})
		return
	}
	writeJSON(w, http.StatusOK, jsonObject{"access_token": g.issue(), "token_type": "Bearer", "expires_in": 3599})
}

// issue makes a token that the Secret Manager accepts.
func (g *gcpServer) issue() string {
	token := newToken()
	g.tokens.Store(token, true)
	return token
}

func (g *gcpServer) signed(token string) bool {
	end := strings.LastIndex(token, ".")
	signature, err := base64.RawURLEncoding.DecodeString(token[end+1:])
	if err != nil {
		return false
	}
	sum := sha256.Sum256([]byte(token[:end]))
	return rsa.VerifyPKCS1v15(&g.key.PublicKey, crypto.SHA256, sum[:], signature) == nil
}

// authenticate refuses calls without a token that was issued here.
func (g *gcpServer) authenticate(ctx context.Context, request any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	incoming, _ := metadata.FromIncomingContext(ctx)
	token := strings.TrimPrefix(strings.Join(incoming.Get("authorization"), ""), "Bearer ")
	if _, issued := g.tokens.Load(token); !issued {
		return nil, status.Error(codes.Unauthenticated, "Request had invalid authentication credentials.")
	}
	return next(ctx, request)
}

// AccessSecretVersion implements the Secret Manager.
func (g *gcpServer) AccessSecretVersion(
	_ context.Context, request *secretmanagerpb.AccessSecretVersionRequest,
) (*secretmanagerpb.AccessSecretVersionResponse, error) {
	name, version, _ := strings.Cut(request.GetName(), "/versions/")
	e, err := g.secret(name)
	if err != nil {
		return nil, err
	}
	if version == "latest" {
		version = strconv.Itoa(e.latest())
	}
	value, _, found := e.version(version)
	if !found {
		return nil, status.Errorf(codes.NotFound, "Secret Version [%s] not found.", request.GetName())
	}
	return &secretmanagerpb.AccessSecretVersionResponse{
		Name:    name + "/versions/" + version,
		Payload: &secretmanagerpb.SecretPayload{Data: []byte(value)},
	}, nil
}

// GetSecret implements the Secret Manager.
func (g *gcpServer) GetSecret(_ context.Context, request *secretmanagerpb.GetSecretRequest) (*secretmanagerpb.Secret, error) {
	e, err := g.secret(request.GetName())
	if err != nil {
		return nil, err
	}
	return &secretmanagerpb.Secret{Name: request.GetName(), Labels: e.tags}, nil
}

// ListSecretVersions implements the Secret Manager. The newest comes first.
func (g *gcpServer) ListSecretVersions(
	_ context.Context, request *secretmanagerpb.ListSecretVersionsRequest,
) (*secretmanagerpb.ListSecretVersionsResponse, error) {
	e, err := g.secret(request.GetParent())
	if err != nil {
		return nil, err
	}
	response := &secretmanagerpb.ListSecretVersionsResponse{}
	for number := e.latest(); number > 0; number-- {
		response.Versions = append(response.Versions, &secretmanagerpb.SecretVersion{
			Name:  request.GetParent() + "/versions/" + strconv.Itoa(number),
			State: secretmanagerpb.SecretVersion_ENABLED,
		})
	}
	return response, nil
}

// ListSecrets implements the Secret Manager.
func (g *gcpServer) ListSecrets(
	_ context.Context, request *secretmanagerpb.ListSecretsRequest,
) (*secretmanagerpb.ListSecretsResponse, error) {
	if !inGCPProject(request.GetParent()) {
		return nil, permissionDenied(request.GetParent())
	}
	response := &secretmanagerpb.ListSecretsResponse{}
	for _, key := range g.values.keys("") {
		e, _ := g.values.get(key)
		if matchesGCPFilter(request.GetFilter(), key, e) {
			response.Secrets = append(response.Secrets, &secretmanagerpb.Secret{
				Name: request.GetParent() + "/secrets/" + key, Labels: e.tags,
			})
		}
	}
	return response, nil
}

// secret is that of a name such as projects/P/secrets/KEY or projects/P/locations/L/secrets/KEY.
func (g *gcpServer) secret(name string) (entry, error) {
	if !inGCPProject(name) {
		return entry{}, permissionDenied(name)
	}
	_, key, _ := strings.Cut(name, "/secrets/")
	e, found := g.values.get(key)
	if !found {
		return entry{}, status.Errorf(codes.NotFound, "Secret [%s] not found or has no versions.", name)
	}
	return e, nil
}

func inGCPProject(name string) bool {
	return strings.HasPrefix(name+"/", "projects/"+gcpProject+"/")
}

func permissionDenied(name string) error {
	return status.Errorf(codes.PermissionDenied, "Permission denied for resource '%s' (or it may not exist).", name)
}

// matchesGCPFilter understands "name:PART" and "labels.NAME=VALUE", of which all have to match.
func matchesGCPFilter(filter, key string, e entry) bool {
	for _, term := range strings.Fields(filter) {
		if part, ok := strings.CutPrefix(term, "name:"); ok && strings.Contains(key, part) {
			continue
		}
		label, value, _ := strings.Cut(strings.TrimPrefix(term, "labels."), "=")
		if has, ok := e.tags[label]; ok && has == value {
			continue
		}
		return false
	}
	return true
}
