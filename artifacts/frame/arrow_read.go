package frame

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// Arrow's IPC formats (Format.rst, Message.fbs, File.fbs): a stream is messages one after the other, the schema first; a file is that between
// two marks, with a footer that says where the messages lie. Their metadata are flatbuffers, which type flat reads without trust.
const (
	arrowMark   = "ARROW1"
	arrowBefore = "\xff\xff\xff\xff" // before the length of a message, which is little-endian
)

// IsArrow reports whether bytes begin as an Arrow IPC file or stream does.
func IsArrow(data []byte) bool {
	return bytes.HasPrefix(data, []byte(arrowMark)) || bytes.HasPrefix(data, []byte(arrowBefore))
}

// The kinds of messages, as Arrow's union MessageHeader numbers them.
const (
	arrowSchemaMessage = 1
	arrowDictionary    = 2
	arrowRecords       = 3
)

// An arrowFile is an opened file or stream.
type arrowFile struct {
	schema   flat // a footer, or the message of the schema
	list     int  // in it: the vector of fields
	fields   []arrowField
	messages []arrowMessage // dictionaries and record batches, in the order in which they are to be read
	numbers  [arrowRecords + 1]int
	rows     int64
	budget   budget
	heading
}

// An arrowMessage is a dictionary or a record batch.
type arrowMessage struct {
	kind   byte
	number int // of the dictionaries, or of the record batches, from 0
	id     int64
	delta  bool // the dictionary's values follow those that it has
	batch  arrowBatch
	starts []arrowPlace // of each column of a record batch
}

func openArrow(data []byte, limit int64) (*arrowFile, error) {
	f := &arrowFile{budget: budget{limit: limit}}
	var err error
	if bytes.HasPrefix(data, []byte(arrowMark)) {
		err = f.openFile(data)
	} else {
		err = f.openStream(data)
	}
	if err != nil {
		return nil, fmt.Errorf("frame: not a whole Arrow file: %w", err)
	}
	return f, nil
}

// openFile reads the footer and the messages that it names, dictionaries first.
func (f *arrowFile) openFile(data []byte) error {
	const end = 4 + len(arrowMark)
	if len(data) < 8+end || !bytes.HasSuffix(data, []byte(arrowMark)) {
		return errors.New("it does not end as one does: it is cut short")
	}
	at := len(data) - end
	length := int64(binary.LittleEndian.Uint32(data[at:]))
	if length > int64(at-8) {
		return fmt.Errorf("damaged: a footer of %d bytes in a file of %d", length, len(data))
	}
	footer := flat(data[at-int(length) : at])
	root := footer.ref(0)
	if err := f.setSchema(footer, footer.table(root, 1)); err != nil {
		return err
	}
	dictionaries, records := footer.structs(root, 2, 24), footer.structs(root, 3, 24)
	if footer.table(root, 2) >= 0 && dictionaries == nil || footer.table(root, 3) < 0 || records == nil {
		return errors.New("damaged: the footer's list of record batches is not there")
	}
	blocks := slices.Concat(dictionaries, records)
	if err := apart(blocks); err != nil {
		return err
	}
	for ; len(blocks) > 0; blocks = blocks[24:] {
		offset, meta, body := int64(binary.LittleEndian.Uint64(blocks)), int64(int32(binary.LittleEndian.Uint32(blocks[8:]))), int64(binary.LittleEndian.Uint64(blocks[16:]))
		size := int64(len(data))
		if offset < 8 || meta < 8 || body < 0 || offset > size || meta > size-offset || body > size-offset-meta {
			return fmt.Errorf("damaged: a message of %d and %d bytes at %d is not in the file", meta, body, offset)
		}
		message, _, err := arrowMetadata(data[offset : offset+meta])
		if err != nil {
			return err
		}
		if err := f.addMessage(message, data[offset+meta:offset+meta+body]); err != nil {
			return err
		}
	}
	return nil
}

// apart refuses blocks that overlap: what is read of a file is in proportion to its size.
func apart(blocks []byte) error {
	type span struct{ from, to int64 }
	var spans []span
	for b := blocks; len(b) > 0; b = b[24:] {
		from := int64(binary.LittleEndian.Uint64(b))
		spans = append(spans, span{from, from + int64(int32(binary.LittleEndian.Uint32(b[8:]))) + int64(binary.LittleEndian.Uint64(b[16:]))})
	}
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	for i := 1; i < len(spans); i++ {
		if spans[i].from < spans[i-1].to {
			return fmt.Errorf("damaged: two messages lie at %d", spans[i].from)
		}
	}
	return nil
}

// openStream reads messages up to the mark of the end, without which a stream is cut short.
func (f *arrowFile) openStream(data []byte) error {
	for at, number := 0, 0; ; number++ {
		message, size, err := arrowMetadata(data[at:])
		if err != nil {
			return fmt.Errorf("message %d: %w", number, err)
		}
		if size == 0 {
			if number == 0 {
				return errors.New("damaged: it has no schema")
			}
			return nil
		}
		at += size
		root := message.ref(0)
		length := message.number(root, 3, 8, 0)
		if length < 0 || length > int64(len(data)-at) {
			return fmt.Errorf("message %d: a body of %d bytes where %d are left: it is cut short", number, length, len(data)-at)
		}
		switch kind := message.byte(root, 1); {
		case number == 0 && kind == arrowSchemaMessage:
			err = f.setSchema(message, message.table(root, 2))
		case number == 0:
			err = errors.New("damaged: it does not begin with a schema")
		default:
			err = f.addMessage(message, data[at:at+int(length)])
		}
		if err != nil {
			return fmt.Errorf("message %d: %w", number, err)
		}
		at += int(length)
	}
}

// arrowMetadata gives the flatbuffer of the message that data begin with, and what it takes with the length before it: 0 for the mark of the end.
func arrowMetadata(data []byte) (message flat, size int, err error) {
	if len(data) < 8 {
		return nil, 0, errors.New("it is cut short: there is no mark of the end")
	}
	if !bytes.HasPrefix(data, []byte(arrowBefore)) {
		return nil, 0, errors.New("damaged, or of a version before 1.0 of Arrow: a message does not begin with its mark")
	}
	length := int64(binary.LittleEndian.Uint32(data[4:]))
	if length > int64(len(data)-8) {
		return nil, 0, fmt.Errorf("metadata of %d bytes where %d are left: it is cut short", length, len(data)-8)
	}
	if length == 0 {
		return nil, 0, nil
	}
	return flat(data[8 : 8+length]), int(8 + length), nil
}

// setSchema takes the fields and metadata of a schema.
func (f *arrowFile) setSchema(b flat, schema int) (err error) {
	if schema < 0 {
		return errors.New("damaged: it has no schema")
	}
	if b.number(schema, 0, 2, 0) != 0 {
		return errors.New("its numbers are big-endian, which are not read: write it on a usual machine")
	}
	f.schema, f.list = b, b.table(schema, 1)
	if f.list < 0 {
		return errors.New("damaged: the schema has no fields")
	}
	left := len(b) / 8 // what is read may overlap; a field takes more
	if f.fields, err = b.arrowFields(f.list, 0, &left); err != nil {
		return err
	}
	pairs := b.table(schema, 2)
	spare := 4 * len(b)
	for i := range b.length(pairs) {
		pair := b.ref(pairs + 4 + 4*i)
		key, _ := b.text(b.table(pair, 0))
		value, _ := b.text(b.table(pair, 1))
		if spare -= len(key) + len(value) + 1; spare < 0 {
			return errors.New("damaged: metadata overlap")
		}
		f.setMeta(key, value)
	}
	return nil
}

// addMessage takes a dictionary or a record batch; other messages hold no columns.
func (f *arrowFile) addMessage(b flat, body []byte) error {
	root := b.ref(0)
	m := arrowMessage{kind: b.byte(root, 1)}
	header := b.table(root, 2)
	batch := header
	switch m.kind {
	case arrowRecords:
	case arrowDictionary:
		m.id, m.delta = b.number(header, 0, 8, 0), b.byte(header, 2) != 0
		batch = b.table(header, 1)
	default:
		return fmt.Errorf("damaged: a message of kind %d in the place of rows", m.kind)
	}
	m.number = f.numbers[m.kind]
	f.numbers[m.kind]++
	var err error
	if m.batch, err = b.arrowBatch(batch, body); err != nil {
		return err
	}
	if m.kind == arrowRecords {
		if m.starts, err = m.batch.starts(f.fields); err != nil {
			return err
		}
		if f.rows += m.batch.rows; f.rows > maxRows {
			return fmt.Errorf("damaged: %d rows", f.rows)
		}
	}
	f.messages = append(f.messages, m)
	return nil
}

func (f *arrowFile) columns() []string {
	names := make([]string, len(f.fields))
	for i := range names {
		names[i] = f.fields[i].name
	}
	return names
}

func (f *arrowFile) leaves(names []string) ([]leaf, error) {
	return f.choose(f.columns(), names, func(l *leaf) error {
		field := &f.fields[l.column]
		l.field.Nullable = field.nullable
		return l.setArrowType(f.schema, field)
	}, func(all []leaf, place map[string]int) {
		f.schema.describeAll(f.list, all, place)
		sayCasts(all)
	})
}

func (f *arrowFile) rowCount() int64 { return f.rows }
