package pages

import (
	"encoding/binary"
	"fmt"
)

// CheckFooter reports whether a library may be trusted with the footer of the Parquet file: every length
// in it is one that the footer has bytes for, and its schema is a tree of no more columns than are listed.
// Libraries make room for what a length promises before they look.
func CheckFooter(file []byte) error {
	const magic = "PAR1"
	n := len(file)
	if n < 12 || string(file[n-4:]) != magic {
		if n >= 12 && string(file[n-4:]) == "PARE" {
			return fmt.Errorf("the file is encrypted; write it without encryption")
		}
		return fmt.Errorf("it does not end with %s as Parquet files do", magic)
	}
	size := int64(binary.LittleEndian.Uint32(file[n-8:]))
	if size > int64(n-8) {
		return errHeader
	}
	c := &compact{data: file[n-8-int(size) : n-8]}
	return c.fields(func(id int, kind byte) error {
		if id == 2 && kind == thriftList { // FileMetaData.schema
			return c.schema()
		}
		return c.skip(kind, 0)
	})
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
