// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

//go:build !demo

package main

import (
	"context"
	"fmt"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
)

// kindSchema is what the API server makes of a CustomResourceDefinition.
type kindSchema struct {
	structural *structuralschema.Structural
	properties validation.SchemaValidator
	rules      *cel.Validator
}

// readSchemas returns the schemas of version v1 by kind.
func readSchemas(bundle string) (map[string]*kindSchema, error) {
	definitions, err := customResourceDefinitions(bundle)
	if err != nil {
		return nil, err
	}
	schemas := map[string]*kindSchema{}
	for _, object := range definitions {
		var definition apiextensionsv1.CustomResourceDefinition
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &definition); err != nil {
			return nil, err
		}
		for _, version := range definition.Spec.Versions {
			if version.Name != "v1" {
				continue
			}
			if schemas[definition.Spec.Names.Kind], err = newSchema(version.Schema.OpenAPIV3Schema); err != nil {
				return nil, fmt.Errorf("%s: %w", definition.Name, err)
			}
		}
	}
	return schemas, nil
}

func newSchema(external *apiextensionsv1.JSONSchemaProps) (*kindSchema, error) {
	var internal apiextensions.JSONSchemaProps
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(external, &internal, nil); err != nil {
		return nil, err
	}
	structural, err := structuralschema.NewStructural(&internal)
	if err != nil {
		return nil, err
	}
	properties, _, err := validation.NewSchemaValidator(&internal)
	return &kindSchema{structural, properties, cel.NewValidator(structural, true, celconfig.PerCallLimit)}, err
}

// check returns what the API server refuses in an object, and fills in its defaults.
func (s *kindSchema) check(object map[string]any) []string {
	var refused []string
	unknown := pruning.PruneWithOptions(object, s.structural, true, structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})
	for _, path := range unknown {
		refused = append(refused, fmt.Sprintf("unknown field %q", path))
	}
	defaulting.PruneNonNullableNullsWithoutDefaults(object, s.structural)
	defaulting.Default(object, s.structural)
	found := validation.ValidateCustomResource(nil, object, s.properties)
	if len(found) == 0 && s.rules != nil {
		found, _ = s.rules.Validate(context.Background(), field.NewPath(""), s.structural, object, nil, celconfig.RuntimeCELCostBudget)
	}
	for _, problem := range found {
		refused = append(refused, problem.Error())
	}
	return refused
}
