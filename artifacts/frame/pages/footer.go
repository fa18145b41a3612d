package pages

import (
	"encoding/binary"
	"fmt"
)

// A Footer is what a Parquet file says of its columns and where they lie. Statistics and what else only a search needs is left
// out. Its numbers are as the file has them: nobody has compared them with anything.
type Footer struct {
	// Schema is the list of the schema's elements as it is stored; nil if there is none.
	Schema []byte
	Rows   int64       // -1 if the file does not say
	Meta   [][2]string // keys and values
	Groups []RowGroup
}

// A RowGroup is some of the rows.
type RowGroup struct {
	Rows   int64
	Chunks []Place // in the order of the schema's leaves
}

// A Place says where a column chunk lies, and how it is packed.
type Place struct {
	Codec            Codec
	Values           int64
	Size             int64 // of its pages, compressed
	Data, Dictionary int64 // where the first page of either kind begins; no dictionary if it is 0
}

// magic begins and ends a file.
const magic = "PAR1"

// ReadFooter reads the footer of a Parquet file. A library may be trusted with its schema: every length in it is one that
// the footer has bytes for, and it is a tree of no more columns than are listed. Libraries make room for
// what a length promises before they look.
func ReadFooter(file []byte) (*Footer, error) {
	n := len(file)
	if n < 12 || string(file[n-4:]) != magic {
		if n >= 12 && string(file[n-4:]) == "PARE" {
			return nil, errEncrypted
		}
		return nil, fmt.Errorf("it does not end with %s as Parquet files do: it is cut short, or of another format", magic)
	}
	size := int64(binary.LittleEndian.Uint32(file[n-8:]))
	if size > int64(n-8) {
		return nil, errHeader
	}
	f := Footer{Rows: -1}
	c := &compact{data: file[n-8-int(size) : n-8]}
	err := c.fields(func(id int, kind byte) (err error) {
		switch { // FileMetaData
		case id == 2 && kind == thriftList:
			from := c.at
			err = c.schema()
			f.Schema = c.data[from:c.at:c.at]
			return err
		case id == 3 && kind == thriftI64:
			f.Rows, err = c.int()
			return err
		case id == 4 && kind == thriftList:
			return c.structs(func() error {
				f.Groups = append(f.Groups, RowGroup{})
				return c.rowGroup(&f.Groups[len(f.Groups)-1])
			})
		case id == 5 && kind == thriftList:
			return c.structs(func() error {
				f.Meta = append(f.Meta, [2]string{})
				return c.keyValue(&f.Meta[len(f.Meta)-1])
			})
		case id == 8:
			return errEncrypted
		}
		return c.skip(kind, 0)
	})
	return &f, err
}

var errEncrypted = fmt.Errorf("the file is encrypted; write it without encryption")

func (c *compact) rowGroup(g *RowGroup) error {
	return c.fields(func(id int, kind byte) (err error) {
		switch {
		case id == 1 && kind == thriftList:
			return c.structs(func() error {
				g.Chunks = append(g.Chunks, Place{})
				return c.columnChunk(&g.Chunks[len(g.Chunks)-1])
			})
		case id == 3 && kind == thriftI64:
			g.Rows, err = c.int()
			return err
		}
		return c.skip(kind, 0)
	})
}

func (c *compact) columnChunk(p *Place) error {
	return c.fields(func(id int, kind byte) error {
		if id == 1 && kind == thriftBinary {
			return fmt.Errorf("a column lies in another file; write all in one")
		}
		if id != 3 || kind != thriftStruct {
			return c.skip(kind, 0)
		}
		return c.fields(func(id int, kind byte) (err error) { // ColumnMetaData
			if kind < 4 || kind > thriftI64 {
				return c.skip(kind, 0)
			}
			v, err := c.int()
			switch id {
			case 4:
				p.Codec = Codec(v)
			case 5:
				p.Values = v
			case 7:
				p.Size = v
			case 9:
				p.Data = v
			case 11:
				p.Dictionary = v
			}
			return err
		})
	})
}

func (c *compact) keyValue(kv *[2]string) error {
	return c.fields(func(id int, kind byte) error {
		if kind != thriftBinary || id < 1 || id > 2 {
			return c.skip(kind, 0)
		}
		n, err := c.length()
		if err == nil {
			kv[id-1] = string(c.data[c.at : c.at+n])
			c.at += n
		}
		return err
	})
}

// structs calls element for each element of a list of structs.
func (c *compact) structs(element func() error) error {
	n, kind, err := c.list()
	if err != nil || n > 0 && kind != thriftStruct {
		return errHeader
	}
	for range n {
		if err := element(); err != nil {
			return err
		}
	}
	return nil
}

// schema checks the list of the schema's elements, which are a tree in the order in which it is walked.
func (c *compact) schema() error {
	n, kind, err := c.list()
	if err != nil || kind != thriftStruct {
		return errHeader
	}
	var open []int64 // how many children each group on the way down still waits for
	for i := range n {
		children := int64(0)
		err := c.fields(func(id int, kind byte) (err error) {
			if id == 5 && kind == 5 { // SchemaElement.num_children
				children, err = c.int()
				return err
			}
			return c.skip(kind, 0)
		})
		if err != nil {
			return err
		}
		if children < 0 || children > int64(n-1-i) || i > 0 && len(open) == 0 {
			return fmt.Errorf("damaged: its schema is no tree")
		}
		if len(open) > 0 {
			open[len(open)-1]--
		}
		if children > 0 {
			open = append(open, children)
		}
		if len(open) > maxDepth {
			return fmt.Errorf("its columns stand more than %d deep in each other", maxDepth)
		}
		for len(open) > 0 && open[len(open)-1] == 0 {
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		return fmt.Errorf("damaged: its schema is no tree")
	}
	return nil
}
