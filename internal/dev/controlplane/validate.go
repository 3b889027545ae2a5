// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

//go:build !demo

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	strictjson "sigs.k8s.io/json"

	esv1 "github.com/external-secrets/external-secrets/apis/externalsecrets/v1"
)

// verdict is what a cluster with this operator says of an object that is to be created, stage by stage. Empty is: nothing.
type verdict struct {
	// Schema is what the API server refuses by the CustomResourceDefinition, with strict field validation.
	Schema []string `json:"schema,omitempty"`
	// Types is what ESO's Go types cannot hold.
	Types []string `json:"types,omitempty"`
	// Webhook is what ESO's admission webhook refuses, and Warnings what it warns of.
	Webhook  string   `json:"webhook,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
}

// validate reads objects, and writes a verdict for each. It starts nothing and asks no one.
func validate(input io.Reader, output io.Writer) error {
	bundle, err := operatorKinds()
	if err != nil {
		return err
	}
	kinds, err := readSchemas(bundle)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(output)
	answers := json.NewEncoder(out)
	for objects := json.NewDecoder(bufio.NewReader(input)); ; {
		var text json.RawMessage
		if err := objects.Decode(&text); errors.Is(err, io.EOF) {
			return out.Flush()
		} else if err != nil {
			return err
		}
		v, err := judge(kinds, text)
		if err != nil {
			return fmt.Errorf("%s: %w", text, err)
		}
		if err := answers.Encode(v); err != nil {
			return err
		}
	}
}

// judge asks in the order of the API server: the webhook sees what the schema has filled in.
func judge(kinds map[string]*kindSchema, text []byte) (verdict, error) {
	object := &unstructured.Unstructured{}
	if err := object.UnmarshalJSON(text); err != nil {
		return verdict{}, err
	}
	kind := kinds[object.GetKind()]
	typed, webhook := operatorTypes(object.GetKind())
	if kind == nil || typed == nil {
		return verdict{}, errors.New("this is none of the operator's kinds that are known here")
	}
	var v verdict
	v.Schema = kind.check(object.Object)
	defaulted, err := object.MarshalJSON()
	if err != nil {
		return verdict{}, err
	}
	problems, err := strictjson.UnmarshalStrict(text, typed)
	for _, problem := range append(problems, err) {
		if problem != nil {
			v.Types = append(v.Types, problem.Error())
		}
	}
	typed, _ = operatorTypes(object.GetKind())
	if err := json.Unmarshal(defaulted, typed); err != nil {
		return v, nil // said already
	}
	v.Warnings, err = webhook(typed)
	if err != nil {
		v.Webhook = err.Error()
	}
	return v, nil
}

// operatorTypes returns an empty object of ESO's type, and what its admission webhook does with one.
func operatorTypes(kind string) (runtime.Object, func(runtime.Object) ([]string, error)) {
	secret := func(object runtime.Object) ([]string, error) {
		return (&esv1.ExternalSecretValidator{}).ValidateCreate(context.Background(), object)
	}
	store := func(object runtime.Object) ([]string, error) {
		return (&esv1.GenericStoreValidator{}).ValidateCreate(context.Background(), object)
	}
	switch kind {
	case "ExternalSecret":
		return &esv1.ExternalSecret{}, secret
	case "SecretStore":
		return &esv1.SecretStore{}, store
	case "ClusterSecretStore":
		return &esv1.ClusterSecretStore{}, store
	}
	return nil, nil
}
