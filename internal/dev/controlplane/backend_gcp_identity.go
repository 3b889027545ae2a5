// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

//go:build !demo

package main

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"cloud.google.com/go/iam/credentials/apiv1/credentialspb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// gcpPool is the workload identity pool of the clusters of gcpProject, and so the audience of the tokens by which their
// service accounts log in.
const gcpPool = gcpProject + ".svc.id.goog"

// serveExchange returns a token of Google for one of a service account of our clusters: the first kind of request is in
// JSON and from GKE's workload identity, the other a form and from workload identity federation.
func (g *gcpServer) serveExchange(w http.ResponseWriter, r *http.Request) {
	var request struct {
		SubjectToken string `json:"subject_token"`
	}
	audiences := []string{gcpPool}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
			writeJSON(w, http.StatusBadRequest, jsonObject{"error": "invalid_request"})
			return
		}
	} else {
		request.SubjectToken, audiences = r.PostFormValue("subject_token"), nil
	}
	if !isServiceAccountToken(request.SubjectToken, audiences...) {
		writeJSON(w, http.StatusBadRequest, jsonObject{"error": "invalid_grant", "error_description": "The given credential is rejected."})
		return
	}
	writeJSON(w, http.StatusOK, jsonObject{
		"access_token": g.issue(), "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
		"token_type": "Bearer", "expires_in": 3599,
	})
}

// gcpIAM lets any client with a token act as the service account of Google.
type gcpIAM struct {
	credentialspb.UnimplementedIAMCredentialsServer

	gcp *gcpServer
}

// GenerateAccessToken implements the service.
func (i gcpIAM) GenerateAccessToken(
	_ context.Context, request *credentialspb.GenerateAccessTokenRequest,
) (*credentialspb.GenerateAccessTokenResponse, error) {
	if request.GetName() != "projects/-/serviceAccounts/"+gcpEmail {
		return nil, status.Errorf(codes.PermissionDenied, "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).")
	}
	return &credentialspb.GenerateAccessTokenResponse{AccessToken: i.gcp.issue()}, nil
}
