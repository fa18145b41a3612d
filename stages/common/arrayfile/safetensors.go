package arrayfile

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"
)

// maxTensorHeader is the longest header that the format allows, in bytes.
const maxTensorHeader = 100_000_000

var tensorTypes = map[string]Type{
	"BOOL": Bool, "I8": Int8, "I16": Int16, "I32": Int32, "I64": Int64, "U8": Uint8, "U16": Uint16, "U32": Uint32, "U64": Uint64,
	"F16": Float16, "BF16": BFloat16, "F32": Float32, "F64": Float64,
}

// openSafetensors looks at a file of tensors: 8 bytes, the length of a header in JSON; the header, which has each tensor's
// type, shape and offsets; and the values, one tensor behind the other with nothing between.
func openSafetensors(f *File, _ bool) error {
	header, err := tensorHeader(f.src, f.limit)
	if err != nil {
		return err
	}
	data := int64(8 + len(header))
	fields, err := object(header)
	if err != nil {
		return notTensors(8, "the header is no JSON object: "+err.Error())
	}
	var spans []span
	for _, field := range fields {
		if field.key == "__metadata__" {
			if f.Metadata, err = metadata(field.value); err != nil {
				return within(field.key, notTensors(8, err.Error()))
			}
			continue
		}
		e, s, err := f.tensor(field, data)
		if err != nil {
			return within(field.key, err)
		}
		f.Entries = append(f.Entries, e)
		spans = append(spans, s)
	}
	return contiguous(spans, f.src.size-data)
}

// tensorHeader reads the header, which is no longer than the file and takes no more than the limit.
func tensorHeader(src source, limit int64) ([]byte, error) {
	s := src.plain(0, src.size)
	field, err := s.head(8, "the length of the header")
	if err != nil {
		return nil, err
	}
	length := binary.LittleEndian.Uint64(field)
	switch {
	case length > maxTensorHeader:
		return nil, notTensors(0, fmt.Sprintf("the header has %d bytes; the format allows %d", length, maxTensorHeader))
	case int64(length) > s.present:
		return nil, cut(8, "the header has %d bytes; %d follow", length, s.present)
	case int64(length) > limit:
		return nil, tooLarge("the bytes of the header", length, limit)
	}
	return s.head(int(length), "the header")
}

func notTensors(offset int64, summary string) *Error {
	return &Error{Offset: offset, Summary: summary, Remedy: "The file is damaged, or no safetensors: write it again with safetensors.numpy.save_file or safetensors.torch.save_file", Err: ErrFormat}
}

// A field is a key of a JSON object and its value.
type field struct {
	key   string
	value json.RawMessage
}

// object reads the fields of a JSON object, in order, and nothing behind it. A key that comes twice is an error.
func object(text []byte) ([]field, error) {
	if !utf8.Valid(text) {
		return nil, errors.New("it is not in UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, cmp.Or(err, errors.New("it does not begin with {"))
	}
	var fields []field
	seen := map[string]bool{}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, err
		}
		f := field{key: t.(string)} // the decoder lets no other key pass
		if err := dec.Decode(&f.value); err != nil {
			return nil, err
		}
		if seen[f.key] {
			return nil, fmt.Errorf("the key %s comes twice", quoted(f.key))
		}
		seen[f.key] = true
		fields = append(fields, f)
	}
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("it goes on behind its end")
	}
	return fields, nil
}

func metadata(text []byte) (map[string]string, error) {
	fields, err := object(text)
	if err != nil {
		return nil, err
	}
	m := map[string]string{}
	for _, f := range fields {
		var s *string
		if err := json.Unmarshal(f.value, &s); err != nil || s == nil {
			return nil, fmt.Errorf("the value of %s is no text", quoted(f.key))
		}
		m[f.key] = *s
	}
	return m, nil
}

// A span is where a tensor's values lie, from the first byte behind the header.
type span struct {
	name       string
	begin, end int64
}

// tensor reads what the header says of one. A type that is not read is in the entry's Err; its size is not known.
func (file *File) tensor(f field, data int64) (Entry, span, error) {
	e, s := Entry{Name: f.key}, span{name: f.key}
	wrong := func(format string, args ...any) (Entry, span, error) {
		return e, s, notTensors(8, fmt.Sprintf(format, args...))
	}
	fields, err := object(f.value)
	if err != nil {
		return wrong("what the header says of it is no JSON object: %v", err)
	}
	parts := map[string]json.RawMessage{}
	for _, part := range fields {
		parts[part.key] = part.value
	}
	if json.Unmarshal(parts["dtype"], &e.Declared) != nil || e.Declared == "" {
		return wrong("it has no dtype")
	}
	shape, ok := wholes(parts["shape"])
	if !ok || len(shape) > maxDimensions {
		return wrong("its shape is no list of at most %d numbers from 0 to 2^56", maxDimensions)
	}
	offsets, ok := wholes(parts["data_offsets"])
	if !ok || len(offsets) != 2 || offsets[1] < offsets[0] {
		return wrong("its data_offsets are no two numbers from 0 to 2^56, the second no smaller than the first")
	}
	e.Shape, s.begin, s.end = shape, int64(offsets[0]), int64(offsets[1])
	e.Type = tensorTypes[e.Declared]
	if e.Type == 0 {
		e.Err = &Error{Entry: e.Name, Offset: -1, Summary: "the element type is " + shortened(e.Declared), Remedy: "Convert it first, in PyTorch by x.float()", Err: ErrUnsupported}
		return e, s, nil
	}
	e.layout = layout{typ: e.Type, width: e.Type.Size(), shape: e.Shape}
	if err := e.layout.settle(); errors.Is(err, ErrUnsupported) {
		e.Err, e.Type = within(e.Name, err), 0
	} else if err != nil {
		return e, s, err
	}
	if want := e.layout.bytes(); want != s.end-s.begin {
		return wrong("%s values of %s are %d bytes, and its data_offsets are [%d, %d], %d bytes", shapeText(e.Shape), e.Declared, want, s.begin, s.end, s.end-s.begin)
	}
	e.open = func() (stream, error) { return file.src.plain(data+s.begin, data+s.end), nil }
	return e, s, nil
}

// wholes reads a list of numbers from 0 to maxValues.
func wholes(text []byte) ([]int, bool) {
	var list []*int64
	if json.Unmarshal(text, &list) != nil || list == nil {
		return nil, false
	}
	numbers := make([]int, len(list))
	for i, n := range list {
		if n == nil || *n < 0 || *n > maxValues {
			return nil, false
		}
		numbers[i] = int(*n)
	}
	return numbers, true
}

// contiguous wants tensors to lie one behind the other, without a gap or an overlap, up to the end of the file's data.
func contiguous(spans []span, size int64) error {
	slices.SortStableFunc(spans, func(a, b span) int { return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end)) })
	at := int64(0)
	for _, s := range spans {
		switch {
		case s.end > size:
			return within(s.name, cut(8, "its values end at byte %d of the data, which has %d", s.end, size))
		case s.begin < at:
			return within(s.name, notTensors(8, fmt.Sprintf("its values begin at byte %d of the data, before those of another tensor end, at %d", s.begin, at)))
		case s.begin > at:
			return within(s.name, notTensors(8, fmt.Sprintf("its values begin at byte %d of the data, and bytes from %d on belong to no tensor", s.begin, at)))
		}
		at = s.end
	}
	if at < size {
		return notTensors(-1, fmt.Sprintf("%d bytes behind the last tensor belong to none", size-at))
	}
	return nil
}
