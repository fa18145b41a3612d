package model

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"

	"spurion/stages"
)

// encodeSettings gives a settings struct as a JSON object keyed by the names that a spec uses,
// keys sorted. Fields that do not apply under the struct's label are left out, as in a key.
func encodeSettings[S any](v S) (json.RawMessage, error) {
	schema, err := stages.SchemaOf[S]()
	if err != nil {
		return nil, err
	}
	object, err := settingsObject(schema, reflect.ValueOf(v))
	if err != nil {
		return nil, err
	}
	text, err := stages.Canonical(object)
	return json.RawMessage(text), err
}

func settingsObject(s *stages.Schema, v reflect.Value) (map[string]any, error) {
	label := ""
	if s.Label != nil {
		if label = s.Label.Of(v).String(); label == "" {
			label = s.DefaultLabel()
		}
	}
	object := map[string]any{}
	for i := range s.Attributes {
		a := &s.Attributes[i]
		if !a.Applies(label) || a == s.Label && label == s.DefaultLabel() {
			continue
		}
		nested := a.Nested
		if a.Elem != nil {
			nested = a.Elem.Nested
		}
		value, err := settingsValue(nested, a.Of(v))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.Name, err)
		}
		if value != nil {
			object[a.Name] = value
		}
	}
	return object, nil
}

// settingsValue gives a value; nested describes a struct, or the structs of a list.
func settingsValue(nested *stages.Schema, v reflect.Value) (any, error) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil, nil
		}
		return settingsValue(nested, v.Elem())
	case reflect.Struct:
		return settingsObject(nested, v)
	case reflect.Slice:
		list := make([]any, v.Len())
		for i := range list {
			e, err := settingsValue(nested, v.Index(i))
			if err != nil {
				return nil, err
			}
			list[i] = e
		}
		return list, nil
	case reflect.Bool:
		return v.Bool(), nil
	case reflect.String:
		return v.String(), nil
	case reflect.Int, reflect.Int64:
		return v.Int(), nil
	case reflect.Float64:
		return v.Float(), nil
	}
	return nil, fmt.Errorf("settings of type %v cannot be kept with a model", v.Type())
}

// decodeSettings is the inverse of encodeSettings. It refuses names that S lacks.
func decodeSettings[S any](text json.RawMessage) (*S, error) {
	schema, err := stages.SchemaOf[S]()
	if err != nil {
		return nil, err
	}
	var leaves []stages.Setting
	if err := flatten("", schema, text, &leaves); err != nil {
		return nil, err
	}
	v, err := schema.Decode(stages.NewSettings(leaves))
	if err != nil {
		return nil, err
	}
	return v.(*S), nil
}

func flatten(prefix string, s *stages.Schema, text json.RawMessage, leaves *[]stages.Setting) error {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(text, &object); err != nil {
		return err
	}
	known := 0
	for i := range s.Attributes {
		a := &s.Attributes[i]
		value, ok := object[a.Name]
		if !ok {
			continue
		}
		known++
		if a.Type == stages.Block || a.Type == stages.Call {
			if err := flatten(prefix+a.Name+".", a.Nested, value, leaves); err != nil {
				return err
			}
			continue
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, value); err != nil {
			return err
		}
		*leaves = append(*leaves, stages.Setting{Path: prefix + a.Name, Value: compact.String()})
	}
	if known != len(object) {
		return fmt.Errorf("%d settings under %q are unknown", len(object)-known, prefix)
	}
	return nil
}
