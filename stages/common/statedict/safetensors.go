package statedict

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
)

// MetadataKey is the key of a safetensors file's metadata that holds the Description.
const MetadataKey = "spurion"

// Safetensors gives the tensors, float32, as a safetensors file (github.com/huggingface/safetensors, Format).
func (d *Dict) Safetensors() ([]byte, error) {
	type place struct {
		Type    string `json:"dtype"`
		Shape   []int  `json:"shape"`
		Offsets [2]int `json:"data_offsets"`
	}
	header := map[string]any{"__metadata__": map[string]string{"format": "pt", MetadataKey: d.About}}
	end := 0
	for _, t := range d.Tensors {
		begin := end
		end += 4 * len(t.Values)
		header[t.Name] = place{"F32", t.Shape, [2]int{begin, end}}
	}
	text, err := json.Marshal(header)
	if err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	text = append(text, bytes.Repeat([]byte(" "), -len(text)&7)...) // so that the values are aligned
	data := make([]byte, 0, 8+len(text)+end)
	data = binary.LittleEndian.AppendUint64(data, uint64(len(text)))
	data = append(data, text...)
	for _, t := range d.Tensors {
		data = t.append(data)
	}
	return data, nil
}

// append appends the values, 4 bytes each, the least first.
func (t *Tensor) append(data []byte) []byte {
	data, err := binary.Append(data, binary.LittleEndian, t.Values)
	if err != nil {
		panic(fmt.Sprintf("state_dict: %v", err)) // float32 has a size
	}
	return data
}
