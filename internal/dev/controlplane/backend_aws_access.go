// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

//go:build !demo

package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// awsKey is an access key.
type awsKey struct{ keyID, secret, session string }

// What AWS accepts: the keys of a user, and what its role gives.
var (
	awsUser = awsKey{keyID: "AKIAAIRMEXAMPLE00001", secret: "airm-secret-access-key"}
	awsRole = awsKey{keyID: "ASIAAIRMEXAMPLE00002", secret: "airm-role-secret-key", session: "airm-role-session-token"}
)

const (
	awsRoleARN = "arn:aws:iam::123456789012:role/airm"

	// awsAudience is that of the tokens by which service accounts get a role.
	awsAudience = "sts.amazonaws.com"
)

var authorizationHeader = regexp.MustCompile(
	`^AWS4-HMAC-SHA256 Credential=([^/]+)/(\d+)/([^/]+)/([^/]+)/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]+)$`)

// checkSignature refuses a request that is not signed, by version 4 of the algorithm, with a key that AWS accepts.
func checkSignature(r *http.Request, body []byte) error {
	parts := authorizationHeader.FindStringSubmatch(r.Header.Get("Authorization"))
	if parts == nil {
		return &awsProblem{"MissingAuthenticationTokenException", "Missing Authentication Token"}
	}
	keyID, date, region, service, headers, signature := parts[1], parts[2], parts[3], parts[4], parts[5], parts[6]
	key := awsUser
	if keyID == awsRole.keyID {
		key = awsRole
	}
	if keyID != key.keyID || r.Header.Get("X-Amz-Security-Token") != key.session {
		return &awsProblem{"UnrecognizedClientException", "The security token included in the request is invalid."}
	}
	text := strings.Join([]string{
		"AWS4-HMAC-SHA256",
		r.Header.Get("X-Amz-Date"),
		strings.Join([]string{date, region, service, "aws4_request"}, "/"),
		hexSum(canonicalRequest(r, body, strings.Split(headers, ";"))),
	}, "\n")
	signing := []byte("AWS4" + key.secret)
	for _, part := range []string{date, region, service, "aws4_request", text} {
		signing = sign(signing, part)
	}
	if hex.EncodeToString(signing) != signature {
		return &awsProblem{"InvalidSignatureException", "The request signature we calculated does not match the signature you provided. " +
			"Check your AWS Secret Access Key and signing method."}
	}
	return nil
}

// canonicalRequest is what the signature covers. No request here has a query.
func canonicalRequest(r *http.Request, body []byte, headers []string) string {
	var lines strings.Builder
	for _, name := range headers {
		value := strings.Join(r.Header.Values(name), ",")
		if name == "host" { // net/http keeps this one apart
			value = r.Host
		}
		fmt.Fprintf(&lines, "%s:%s\n", name, strings.TrimSpace(value))
	}
	return strings.Join([]string{
		r.Method, r.URL.EscapedPath(), "", lines.String(), strings.Join(headers, ";"), hexSum(string(body)),
	}, "\n")
}

func sign(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

func hexSum(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// serveSTS serves the role's credentials to its user, and to service accounts of our clusters.
func serveSTS(w http.ResponseWriter, r *http.Request, body []byte) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		writeSTSProblem(w, &awsProblem{"InvalidParameterValue", err.Error()})
		return
	}
	if problem := refuseRole(r, body, form); problem != nil {
		writeSTSProblem(w, problem)
		return
	}
	action := form.Get("Action")
	expires := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	fmt.Fprintf(w, `<%[1]sResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><%[1]sResult><Credentials>`+
		`<AccessKeyId>%[2]s</AccessKeyId><SecretAccessKey>%[3]s</SecretAccessKey><SessionToken>%[4]s</SessionToken><Expiration>%[5]s</Expiration>`+
		`</Credentials></%[1]sResult></%[1]sResponse>`, action, awsRole.keyID, awsRole.secret, awsRole.session, expires)
}

// refuseRole is why the role is not given, nil if it is.
func refuseRole(r *http.Request, body []byte, form url.Values) error {
	action, role := form.Get("Action"), form.Get("RoleArn")
	switch action {
	case "AssumeRole":
		if err := checkSignature(r, body); err != nil {
			return err
		}
	case "AssumeRoleWithWebIdentity":
		if !isServiceAccountToken(form.Get("WebIdentityToken"), awsAudience) {
			return &awsProblem{"InvalidIdentityToken", "The web identity token is not valid."}
		}
	default:
		return &awsProblem{"InvalidAction", action + " is not emulated"}
	}
	if role != awsRoleARN {
		return &awsProblem{"AccessDenied", "Not authorized to perform: sts:" + action + " on resource: " + role}
	}
	return nil
}

func writeSTSProblem(w http.ResponseWriter, err error) {
	code, message, _ := strings.Cut(err.Error(), ": ")
	switch code { // the names in this service
	case "UnrecognizedClientException":
		code = "InvalidClientTokenId"
	case "InvalidSignatureException":
		code = "SignatureDoesNotMatch"
	}
	var text strings.Builder
	_ = xml.EscapeText(&text, []byte(message)) // a strings.Builder takes everything
	w.WriteHeader(http.StatusForbidden)
	fmt.Fprintf(w, `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>`+
		`<Code>%s</Code><Message>%s</Message></Error><RequestId>airm</RequestId></ErrorResponse>`, code, &text)
}
