package main

import (
	"path/filepath"
	"strconv"
	"strings"

	"spurion/artifacts/frame"
	"spurion/pipeline"
	"spurion/stages/common/statedict"
)

// modelFormats are the formats of models, beside those of tables.
var modelFormats = []struct {
	name, extension string
	bytes           func(d *statedict.Dict) ([]byte, error)
}{
	{"torch", ".pt", (*statedict.Dict).Torch},
	{"safetensors", ".safetensors", (*statedict.Dict).Safetensors},
}

// exportFormats gives all formats.
func exportFormats() []string {
	names := pipeline.ExportFormats()
	for _, f := range modelFormats {
		names = append(names, f.name)
	}
	return names
}

// asModel gives the options of an export of models, without the step that Where chooses; ok tells whether this is one: what
// --format or else the output's extension says.
func asModel(o pipeline.ExportOptions) (of pipeline.ExportOptions, ok bool, err error) {
	for _, f := range modelFormats {
		if o.Format != f.name && (o.Format != "" || !strings.EqualFold(filepath.Ext(o.Output), f.extension)) {
			continue
		}
		if o.Compression != "" || len(o.Columns) > 0 || len(o.Partition) > 0 {
			return o, true, usagef("--format %s writes networks: --compression, --columns and --partition do not go with it", f.name)
		}
		step, where, err := stepOf(o.Where)
		if err != nil {
			return o, true, err
		}
		o.Format, o.Where = f.name, where
		o.Convert = &pipeline.Conversion{Extension: f.extension, Of: func(t *frame.Table) ([]byte, error) {
			d, err := statedict.FromTable(t, step)
			if err != nil {
				return nil, err
			}
			return f.bytes(d)
		}}
		return o, true, nil
	}
	return o, false, nil
}

// stepOf takes step=N, if it is there, out of filters.
func stepOf(filters []string) (step *int, rest []string, err error) {
	for _, filter := range filters {
		text, ok := strings.CutPrefix(filter, "step=")
		if !ok {
			rest = append(rest, filter)
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || step != nil {
			return nil, nil, usagef("a file of a network holds one step: write one --where step=N, or none for the last")
		}
		step = &n
	}
	return step, rest, nil
}
