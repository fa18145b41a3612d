package pages

import (
	"encoding/binary"
	"fmt"
)

// A compact reads Thrift's compact protocol, in which Parquet writes its headers and its footer. Every
// length is compared with the bytes that are left before it is used.
type compact struct {
	data []byte
	at   int
}

// The types of the compact protocol.
const (
	thriftTrue   = 1
	thriftFalse  = 2
	thriftByte   = 3
	thriftI16    = 4
	thriftI32    = 5
	thriftI64    = 6 // the shorter integers look the same
	thriftDouble = 7
	thriftBinary = 8
	thriftList   = 9
	thriftSet    = 10
	thriftMap    = 11
	thriftStruct = 12
)

// maxDepth is how deep structs and lists may stand in each other: far deeper than Parquet's own.
const maxDepth = 32

var errHeader = fmt.Errorf("damaged: a header cannot be read")

func (c *compact) byte() (byte, error) {
	if c.at >= len(c.data) {
		return 0, errHeader
	}
	c.at++
	return c.data[c.at-1], nil
}

func (c *compact) uvarint() (uint64, error) {
	v, n := binary.Uvarint(c.data[c.at:])
	if n <= 0 {
		return 0, errHeader
	}
	c.at += n
	return v, nil
}

// int reads an integer of any width.
func (c *compact) int() (int64, error) {
	v, err := c.uvarint()
	return int64(v>>1) ^ -int64(v&1), err
}

// length reads a length that must not exceed the bytes that are left.
func (c *compact) length() (int, error) {
	n, err := c.uvarint()
	if err != nil || n > uint64(len(c.data)-c.at) {
		return 0, errHeader
	}
	return int(n), nil
}

// list reads the head of a list or set. Every element takes a byte at least.
func (c *compact) list() (n int, kind byte, err error) {
	head, err := c.byte()
	if err != nil {
		return 0, 0, err
	}
	n, kind = int(head>>4), head&15
	if n == 15 {
		if n, err = c.length(); err != nil {
			return 0, 0, err
		}
	}
	if n > len(c.data)-c.at {
		return 0, 0, errHeader
	}
	return n, kind, nil
}

// fields calls field for each field of the struct at the position. Field reads the value, or skips it.
func (c *compact) fields(field func(id int, kind byte) error) error {
	id := 0
	for {
		head, err := c.byte()
		if err != nil {
			return err
		}
		if head == 0 {
			return nil
		}
		if delta := int(head >> 4); delta != 0 {
			id = int(int16(id + delta)) // as Thrift's own readers count
		} else {
			long, err := c.int()
			if err != nil {
				return err
			}
			id = int(int16(long))
		}
		if err := field(id, head&15); err != nil {
			return err
		}
	}
}

// skip passes over a value of the type.
func (c *compact) skip(kind byte, depth int) error {
	if depth > maxDepth {
		return errHeader
	}
	switch {
	case kind == thriftTrue || kind == thriftFalse: // in a field, the type is the value
		return nil
	case kind == thriftByte:
		_, err := c.byte()
		return err
	case kind > thriftByte && kind <= thriftI64:
		_, err := c.uvarint()
		return err
	case kind == thriftDouble:
		return c.pass(8)
	case kind == thriftBinary:
		n, err := c.length()
		if err != nil {
			return err
		}
		return c.pass(n)
	case kind == thriftStruct:
		return c.fields(func(_ int, kind byte) error { return c.skip(kind, depth+1) })
	case kind == thriftList || kind == thriftSet:
		n, element, err := c.list()
		if err != nil {
			return err
		}
		return c.elements(n, element, depth)
	case kind == thriftMap:
		n, err := c.length()
		if err != nil || n == 0 {
			return err
		}
		kinds, err := c.byte()
		for range n {
			if err == nil {
				err = c.elements(1, kinds>>4, depth)
			}
			if err == nil {
				err = c.elements(1, kinds&15, depth)
			}
		}
		return err
	}
	return errHeader
}

// elements passes over elements of a list, set or map, in which a truth value is a byte.
func (c *compact) elements(n int, kind byte, depth int) error {
	if kind == thriftTrue || kind == thriftFalse {
		return c.pass(n)
	}
	for range n {
		if err := c.skip(kind, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (c *compact) pass(n int) error {
	if n > len(c.data)-c.at {
		return errHeader
	}
	c.at += n
	return nil
}
