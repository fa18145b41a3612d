package model

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"spurion/stages"
)

// encodeSettings gives a settings struct as a JSON object keyed by the names that a spec uses,
// keys sorted. Fields that do not apply under the struct's label are left out, as in a key.
func encodeSettings(v any) (json.RawMessage, error) {
	object, err := settingsObject(reflect.ValueOf(v))
	if err != nil {
		return nil, err
	}
	text, err := stages.Canonical(object)
	return json.RawMessage(text), err
}

func settingsObject(v reflect.Value) (map[string]any, error) {
	t := v.Type()
	label, usual := "", ""
	for i := range t.NumField() {
		if _, ok := t.Field(i).Tag.Lookup("label"); ok {
			label, usual = v.Field(i).String(), t.Field(i).Tag.Get("default")
		}
	}
	if label == "" {
		label = usual
	}
	object := map[string]any{}
	for i := range t.NumField() {
		tag := t.Field(i).Tag
		name := tag.Get("name")
		if name == "" || !applies(tag.Get("for"), label) {
			continue
		}
		if _, ok := tag.Lookup("label"); ok && label == usual && usual != "" {
			continue // as in a key
		}
		value, err := settingsValue(v.Field(i))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if value != nil {
			object[name] = value
		}
	}
	return object, nil
}

func applies(labels, label string) bool {
	if labels == "" || labels == "all" {
		return true
	}
	for l := range strings.SplitSeq(labels, ",") {
		if strings.TrimSpace(l) == label {
			return true
		}
	}
	return false
}

func settingsValue(v reflect.Value) (any, error) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil, nil
		}
		return settingsValue(v.Elem())
	case reflect.Struct:
		return settingsObject(v)
	case reflect.Slice:
		list := make([]any, v.Len())
		for i := range list {
			e, err := settingsValue(v.Index(i))
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
