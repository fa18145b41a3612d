package picture

import (
	"bytes"
	"encoding/binary"
)

// An Exif block (Exif 2.3, JEITA CP-3451C) is a small TIFF file: a header with the order of bytes, and a list of tags of which
// one is the orientation. Cameras write the picture as the sensor saw it, and in the tag how it is to be turned.

// orientation gives the tag's value of 1 to 8; 1, as it is, if there is none or the block is damaged, since a picture can be seen without.
func orientation(block []byte) int {
	const tag, short = 274, 3
	block = bytes.TrimPrefix(block, []byte("Exif\x00\x00"))
	if len(block) < 8 {
		return 1
	}
	var order binary.ByteOrder
	switch string(block[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 1
	}
	at := uint64(order.Uint32(block[4:]))
	if at+2 > uint64(len(block)) {
		return 1
	}
	count := int(order.Uint16(block[at:]))
	list := block[at+2:]
	for i := 0; i < count && len(list) >= 12; i++ {
		if order.Uint16(list) == tag && order.Uint16(list[2:]) == short {
			if v := int(order.Uint16(list[8:])); 1 <= v && v <= 8 {
				return v
			}
			return 1
		}
		list = list[12:]
	}
	return 1
}

// exifOfJPEG gives the Exif block of a JPEG: its first segment APP1 that begins with "Exif". It looks no further than the first scan.
func exifOfJPEG(data []byte) []byte {
	for at := 2; at+4 <= len(data) && data[at] == 0xFF; {
		marker, length := data[at+1], int(binary.BigEndian.Uint16(data[at+2:]))
		if marker == 0xFF { // a fill byte
			at++
			continue
		}
		if marker == 0xDA || length < 2 || at+2+length > len(data) {
			return nil
		}
		if body := data[at+4 : at+2+length]; marker == 0xE1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) {
			return body
		}
		at += 2 + length
	}
	return nil
}

// exifOfPNG gives the contents of a PNG's chunk eXIf (PNG, third edition, 11.3.3.4).
func exifOfPNG(data []byte) []byte {
	const frame = 12 // length, name and checksum
	for at := uint64(8); at+frame <= uint64(len(data)); {
		length := uint64(binary.BigEndian.Uint32(data[at:]))
		if at+frame+length > uint64(len(data)) {
			return nil
		}
		if string(data[at+4:at+8]) == "eXIf" {
			return data[at+8 : at+8+length]
		}
		at += frame + length
	}
	return nil
}
