package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func normFunctions(m machine) {
	m.columns("normalise", []string{"z", "x"}, []string{"mean", "root", "scale", "shift"}, "is Normalise",
		func(row map[string]reg.VecVirtual, of map[string]reg.VecVirtual) reg.VecVirtual {
			return m.fma(m.mul(m.sub(row["x"], of["mean"]), of["root"]), of["scale"], of["shift"])
		})
	m.columns("normaliseGradient", []string{"dx", "d", "x"}, []string{"mean", "root", "factor", "product", "sum"}, "is what NormaliseGradient makes of its sums",
		func(row map[string]reg.VecVirtual, of map[string]reg.VecVirtual) reg.VecVirtual {
			h := m.mul(m.sub(row["x"], of["mean"]), of["root"])
			return m.mul(of["factor"], m.sub(row["d"], m.fma(h, of["product"], of["sum"])))
		})
	columnSums(m)
	columnSquares(m)
	gradientSums(m)
}

// columns emits a function that sets the first of the matrices to what body makes of a vector of the others' rows, and of numbers for each column.
func (m machine) columns(name string, matrices, columns []string, doc string, body func(row, of map[string]reg.VecVirtual) reg.VecVirtual) {
	signature := "func("
	for _, n := range append(append([]string(nil), matrices...), columns...) {
		signature += n + ", "
	}
	m.text(name, signature[:len(signature)-2]+" *float32, stride, rows, lanes uintptr)", doc+" for a vector of columns, of which so many lanes are used; the stride is in bytes.")
	lanes := GP64()
	Load(Param("lanes"), lanes)
	if !m.wide { // a masked store takes long
		CMPQ(lanes, U8(m.lanes))
		JNE(LabelRef("part"))
		m.rowsOfColumns("row", fullVector{}, matrices, columns, body)
		Label("part")
	}
	m.rowsOfColumns("rowOfPart", m.maskOf(lanes), matrices, columns, body)
}

// rowsOfColumns emits the loop of columns over the rows.
func (m machine) rowsOfColumns(label string, part vectorPart, matrices, columns []string, body func(row, of map[string]reg.VecVirtual) reg.VecVirtual) {
	of := map[string]reg.VecVirtual{}
	for _, n := range columns {
		p, v := GP64(), m.vec()
		Load(Param(n), p)
		part.load(Mem{Base: p}, v)
		of[n] = v
	}
	at := make([]reg.GPVirtual, len(matrices))
	for i, n := range matrices {
		at[i] = GP64()
		Load(Param(n), at[i])
	}
	stride, rows := GP64(), GP64()
	Load(Param("stride"), stride)
	Load(Param("rows"), rows)
	Label(label)
	row := map[string]reg.VecVirtual{}
	for i, n := range matrices[1:] {
		v := m.vec()
		part.load(Mem{Base: at[i+1]}, v)
		row[n] = v
	}
	part.store(body(row, of), Mem{Base: at[0]})
	for _, p := range at {
		ADDQ(stride, p)
	}
	DECQ(rows)
	JNZ(LabelRef(label))
	done()
}

const sumsDoc = ", added down the columns to what is there: whole ones, a multiple of 8, and so many lanes more. The stride is in bytes."

// downColumns emits body for every row of eight columns, with the sums named, that it goes on with.
func (o *octet) downColumns(matrices, sums []string, body func(at []Mem, column reg.GPVirtual, sums [][]reg.VecVirtual, masked bool)) {
	o.octets(func(column reg.GPVirtual, masked bool) {
		label := "row"
		if masked {
			label = "rowOfRest"
		}
		acc := make([][]reg.VecVirtual, len(sums))
		for i, n := range sums {
			from := GP64()
			Load(Param(n), from)
			for h := range o.vectors() {
				acc[i] = append(acc[i], o.load(Mem{Base: from, Index: column, Scale: 8}, h, masked))
			}
		}
		var pointers []reg.GPVirtual
		var at []Mem
		for _, n := range matrices {
			p := GP64()
			Load(Param(n), p)
			LEAQ(Mem{Base: p, Index: column, Scale: 4}, p)
			pointers, at = append(pointers, p), append(at, Mem{Base: p})
		}
		stride, rows := GP64(), GP64()
		Load(Param("stride"), stride)
		Load(Param("rows"), rows)
		Label(label)
		body(at, column, acc, masked)
		for _, p := range pointers {
			ADDQ(stride, p)
		}
		DECQ(rows)
		JNZ(LabelRef(label))
		for i, n := range sums {
			to := GP64()
			Load(Param(n), to)
			for h, v := range acc[i] {
				o.store(v, Mem{Base: to, Index: column, Scale: 8}, h, masked)
			}
		}
	})
	done()
}

func (o *octet) addTo(sum, x reg.VecVirtual) { VADDPD(x, sum, sum) }

func columnSums(m machine) {
	m.text("columnSums", "func(sums *float64, x *float32, stride, rows, whole, lanes uintptr)", "makes sums of x"+sumsDoc)
	o := &octet{machine: m}
	o.downColumns([]string{"x"}, []string{"sums"}, func(at []Mem, _ reg.GPVirtual, sums [][]reg.VecVirtual, masked bool) {
		for h, sum := range sums[0] {
			o.addTo(sum, o.widen(at[0], h, masked))
		}
	})
}

func columnSquares(m machine) {
	m.text("columnSquares", "func(sums *float64, x, mean *float32, stride, rows, whole, lanes uintptr)", "makes sums of (x - mean)²"+sumsDoc)
	o := &octet{machine: m}
	mean := GP64()
	Load(Param("mean"), mean)
	o.downColumns([]string{"x"}, []string{"sums"}, func(at []Mem, column reg.GPVirtual, sums [][]reg.VecVirtual, masked bool) {
		for h, sum := range sums[0] {
			e := o.widen(at[0], h, masked)
			VSUBPD(o.widen(Mem{Base: mean, Index: column, Scale: 4}, h, masked), e, e)
			VMULPD(e, e, e)
			o.addTo(sum, e)
		}
	})
}

func gradientSums(m machine) {
	m.text("gradientSums", "func(sums, products *float64, d, x, mean, root *float32, stride, rows, whole, lanes uintptr)",
		"makes sums of d, and of d (x - mean) root"+sumsDoc)
	o := &octet{machine: m}
	mean, root := GP64(), GP64()
	Load(Param("mean"), mean)
	Load(Param("root"), root)
	o.downColumns([]string{"d", "x"}, []string{"sums", "products"}, func(at []Mem, column reg.GPVirtual, sums [][]reg.VecVirtual, masked bool) {
		for h := range o.vectors() {
			d := o.widen(at[0], h, masked)
			x := o.narrowed(at[1], h, masked)
			VSUBPS(o.narrowed(Mem{Base: mean, Index: column, Scale: 4}, h, masked), x, x)
			VMULPS(o.narrowed(Mem{Base: root, Index: column, Scale: 4}, h, masked), x, x)
			wide := o.vec()
			VCVTPS2PD(x, wide)
			VMULPD(d, wide, wide)
			o.addTo(sums[0][h], d)
			o.addTo(sums[1][h], wide)
		}
	})
}

// narrowed gives vector h of eight float32 numbers as they are.
func (o *octet) narrowed(from Mem, h int, masked bool) reg.VecVirtual {
	from = from.Offset(4 * o.part() * h)
	if o.machine.wide {
		v := YMM()
		if masked {
			VMOVUPS_Z(from, o.k, v)
		} else {
			VMOVUPS(from, v)
		}
		return v
	}
	v := XMM()
	if masked {
		VMASKMOVPS(from, o.narrow[h], v)
	} else {
		VMOVUPS(from, v)
	}
	return v
}
