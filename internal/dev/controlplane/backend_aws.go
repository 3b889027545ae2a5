// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

//go:build !demo

package main

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// awsServer is the Secrets Manager, the Parameter Store and the Security Token Service of every region.
type awsServer struct {
	secrets, parameters *values
}

func (s *backendServers) startAWS() error {
	aws := &awsServer{secrets: newValues(), parameters: newValues()}
	address, err := s.listen(aws)
	if err != nil {
		return err
	}
	endpoint := "http://" + address
	credentials := map[string]string{
		"access_key_id": awsUser.keyID, "secret_access_key": awsUser.secret, "role": awsRoleARN,
	}
	s.backends["aws"] = &emulatedBackend{Endpoint: endpoint, Credentials: credentials, values: aws.secrets}
	s.backends["aws-parameter-store"] = &emulatedBackend{Endpoint: endpoint, Credentials: credentials, values: aws.parameters}
	for _, name := range []string{"AWS_SECRETSMANAGER_ENDPOINT", "AWS_SSM_ENDPOINT", "AWS_STS_ENDPOINT"} {
		s.environment[name] = endpoint
	}
	// So a store without credentials fails at once, instead of asking the network for the machine's own.
	s.environment["AWS_EC2_METADATA_DISABLED"] = "true"
	return nil
}

// awsProblem is an error as AWS reports it.
type awsProblem struct{ code, message string }

// Error implements error.
func (p *awsProblem) Error() string { return p.code + ": " + p.message }

// awsRequest has the fields of all requests that are answered here, of which each has a few.
type awsRequest struct {
	SecretID         string `json:"SecretId"`
	VersionID        string `json:"VersionId"`
	VersionStage     string
	Name             string
	Path             string
	ResourceID       string `json:"ResourceId"`
	Filters          []awsFilter
	ParameterFilters []awsFilter
}

type awsFilter struct {
	Key    string
	Values []string
}

// ServeHTTP implements http.Handler.
func (a *awsServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client is gone
	}
	target := r.Header.Get("X-Amz-Target")
	if target == "" { // a form, where all others have JSON
		serveSTS(w, r, body)
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	answer, err := a.answer(r, target, body)
	var problem *awsProblem
	if errors.As(err, &problem) {
		writeJSON(w, http.StatusBadRequest, jsonObject{"__type": problem.code, "message": problem.message})
		return
	}
	writeJSON(w, http.StatusOK, answer)
}

func (a *awsServer) answer(r *http.Request, target string, body []byte) (jsonObject, error) {
	if err := checkSignature(r, body); err != nil {
		return nil, err
	}
	var request awsRequest
	if err := json.Unmarshal(body, &request); err != nil {
		return nil, &awsProblem{"SerializationException", err.Error()}
	}
	switch target {
	case "secretsmanager.GetSecretValue":
		return a.secretValue(request)
	case "secretsmanager.DescribeSecret":
		return a.describeSecret(request)
	case "secretsmanager.ListSecrets":
		return jsonObject{"SecretList": listSecrets(a.secrets, request.Filters, describeSecret)}, nil
	case "secretsmanager.BatchGetSecretValue":
		return jsonObject{"SecretValues": listSecrets(a.secrets, request.Filters, latestSecret)}, nil
	case "AmazonSSM.GetParameter":
		return a.parameter(request.Name)
	case "AmazonSSM.GetParametersByPath":
		return jsonObject{"Parameters": listSecrets(a.parameters, []awsFilter{{"Path", []string{request.Path}}}, latestParameter)}, nil
	case "AmazonSSM.DescribeParameters":
		return jsonObject{"Parameters": listSecrets(a.parameters, request.ParameterFilters, describeSecret)}, nil
	case "AmazonSSM.ListTagsForResource":
		return a.parameterTags(request.ResourceID)
	}
	return nil, &awsProblem{"UnknownOperationException", target + " is not emulated"}
}

// secretValue is a version of a secret, by its number or its stage.
func (a *awsServer) secretValue(request awsRequest) (jsonObject, error) {
	e, found := a.secrets.get(request.SecretID)
	if !found {
		return nil, errSecretNotFound
	}
	version := request.VersionID
	switch request.VersionStage {
	case "", "AWSCURRENT":
		if version == "" {
			version = strconv.Itoa(e.latest())
		}
	case "AWSPREVIOUS":
		version = strconv.Itoa(e.latest() - 1)
	default:
		return nil, errSecretNotFound
	}
	value, _, found := e.version(version)
	if !found {
		return nil, errSecretNotFound
	}
	return jsonObject{"Name": request.SecretID, "SecretString": value, "VersionId": version}, nil
}

var errSecretNotFound = &awsProblem{"ResourceNotFoundException", "Secrets Manager can't find the specified secret."}

func (a *awsServer) describeSecret(request awsRequest) (jsonObject, error) {
	e, found := a.secrets.get(request.SecretID)
	if !found {
		return nil, errSecretNotFound
	}
	return describeSecret(request.SecretID, e), nil
}

// parameter is one by its name, which may end in ":" and the number of a version.
func (a *awsServer) parameter(name string) (jsonObject, error) {
	name, version, _ := strings.Cut(name, ":")
	e, found := a.parameters.get(name)
	if !found {
		return nil, &awsProblem{"ParameterNotFound", ""}
	}
	if version == "" {
		version = strconv.Itoa(e.latest())
	}
	value, number, found := e.version(version)
	if !found {
		return nil, &awsProblem{"ParameterVersionNotFound", "Systems Manager could not find version " + version + " of " + name}
	}
	return jsonObject{"Parameter": jsonObject{"Name": name, "Value": value, "Version": number, "Type": "SecureString"}}, nil
}

func (a *awsServer) parameterTags(name string) (jsonObject, error) {
	e, found := a.parameters.get(name)
	if !found {
		return nil, &awsProblem{"InvalidResourceId", "The resource ID isn't valid."}
	}
	return jsonObject{"TagList": awsTags(e)}, nil
}

func describeSecret(name string, e entry) jsonObject {
	return jsonObject{"Name": name, "Tags": awsTags(e)}
}

func latestSecret(name string, e entry) jsonObject {
	return jsonObject{"Name": name, "SecretString": e.versions[e.latest()-1]}
}

func latestParameter(name string, e entry) jsonObject {
	return jsonObject{"Name": name, "Value": e.versions[e.latest()-1], "Version": e.latest(), "Type": "SecureString"}
}

func awsTags(e entry) []jsonObject {
	tags := []jsonObject{}
	for key, value := range e.tags {
		tags = append(tags, jsonObject{"Key": key, "Value": value})
	}
	return tags
}

// listSecrets describes the entries that all filters let through.
func listSecrets(v *values, filters []awsFilter, describe func(string, entry) jsonObject) []jsonObject {
	found := []jsonObject{}
	for _, key := range v.keys("") {
		e, _ := v.get(key)
		if !slices.ContainsFunc(filters, func(f awsFilter) bool { return !f.matches(key, e) }) {
			found = append(found, describe(key, e))
		}
	}
	return found
}

func (f awsFilter) matches(name string, e entry) bool {
	tag, ofParameter := strings.CutPrefix(f.Key, "tag:")
	return slices.ContainsFunc(f.Values, func(want string) bool {
		if ofParameter {
			return e.tags[tag] == want
		}
		switch f.Key {
		case "name":
			return strings.HasPrefix(name, want)
		case "Path":
			return strings.HasPrefix(name, strings.TrimSuffix(want, "/")+"/")
		case "tag-key":
			_, has := e.tags[want]
			return has
		case "tag-value":
			return slices.Contains(slices.Collect(maps.Values(e.tags)), want)
		}
		return false
	})
}
