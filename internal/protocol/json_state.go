// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package protocol

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strconv"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/vmihailenco/msgpack/v5"
)

// errOther is for JSON that is left to terraform-plugin-go: it may be an error, or a value that is rare.
var errOther = errors.New("not a plain value of that type")

// stateEncoder writes a state, which Terraform stores as JSON, as the MessagePack that it sends. terraform-plugin-go does that by way
// of a tree of values, and reads each part of the JSON once for each level that it is nested in.
type stateEncoder struct {
	write      func(to *msgpack.Encoder, value any) error
	names      []string // of an object's attributes, sorted
	attributes map[string]*stateEncoder
	elements   *stateEncoder
}

// newStateEncoder returns the encoder of a type, nil for types that it does not know.
func newStateEncoder(of tftypes.Type) *stateEncoder {
	switch of := of.(type) {
	case tftypes.Object:
		return newObjectEncoder(of)
	case tftypes.Map:
		e := &stateEncoder{elements: newStateEncoder(of.ElementType)}
		e.write = e.writeMap
		return e.unlessUnknown()
	case tftypes.List:
		return newListEncoder(of.ElementType)
	case tftypes.Set:
		return newListEncoder(of.ElementType)
	}
	switch {
	case of.Is(tftypes.String):
		return &stateEncoder{write: writeString}
	case of.Is(tftypes.Bool):
		return &stateEncoder{write: writeBool}
	case of.Is(tftypes.Number):
		return &stateEncoder{write: writeWholeNumber}
	}
	return nil
}

func newObjectEncoder(of tftypes.Object) *stateEncoder {
	e := &stateEncoder{names: slices.Sorted(maps.Keys(of.AttributeTypes)), attributes: map[string]*stateEncoder{}}
	for name, attributeType := range of.AttributeTypes {
		attribute := newStateEncoder(attributeType)
		if attribute == nil {
			return nil
		}
		e.attributes[name] = attribute
	}
	e.write = e.writeObject
	return e
}

func newListEncoder(of tftypes.Type) *stateEncoder {
	e := &stateEncoder{elements: newStateEncoder(of)}
	e.write = e.writeList
	return e.unlessUnknown()
}

func (e *stateEncoder) unlessUnknown() *stateEncoder {
	if e.elements == nil {
		return nil
	}
	return e
}

// encode returns a state in MessagePack.
func (e *stateEncoder) encode(state []byte) ([]byte, error) {
	decoder := json.NewDecoder(bytes.NewReader(state))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errOther
	}
	var encoded bytes.Buffer
	err := e.encodeValue(msgpack.NewEncoder(&encoded), value)
	return encoded.Bytes(), err
}

func (e *stateEncoder) encodeValue(to *msgpack.Encoder, value any) error {
	if value == nil {
		return to.EncodeNil()
	}
	return e.write(to, value)
}

// writeObject leaves out what the type does not have; what the state does not have is null.
func (e *stateEncoder) writeObject(to *msgpack.Encoder, value any) error {
	values, ok := value.(map[string]any)
	if !ok {
		return errOther
	}
	err := to.EncodeMapLen(len(e.names))
	for _, name := range e.names {
		if err == nil {
			err = to.EncodeString(name)
		}
		if err == nil {
			err = e.attributes[name].encodeValue(to, values[name])
		}
	}
	return err
}

func (e *stateEncoder) writeMap(to *msgpack.Encoder, value any) error {
	values, ok := value.(map[string]any)
	if !ok {
		return errOther
	}
	err := to.EncodeMapLen(len(values))
	for key, element := range values {
		if err == nil {
			err = to.EncodeString(key)
		}
		if err == nil {
			err = e.elements.encodeValue(to, element)
		}
	}
	return err
}

func (e *stateEncoder) writeList(to *msgpack.Encoder, value any) error {
	values, ok := value.([]any)
	if !ok {
		return errOther
	}
	err := to.EncodeArrayLen(len(values))
	for _, element := range values {
		if err == nil {
			err = e.elements.encodeValue(to, element)
		}
	}
	return err
}

func writeString(to *msgpack.Encoder, value any) error {
	if text, ok := value.(string); ok {
		return to.EncodeString(text)
	}
	return errOther
}

func writeBool(to *msgpack.Encoder, value any) error {
	if truth, ok := value.(bool); ok {
		return to.EncodeBool(truth)
	}
	return errOther
}

func writeWholeNumber(to *msgpack.Encoder, value any) error {
	number, _ := value.(json.Number)
	whole, err := strconv.ParseInt(number.String(), 10, 64)
	if err != nil {
		return errOther
	}
	return to.EncodeInt(whole)
}
