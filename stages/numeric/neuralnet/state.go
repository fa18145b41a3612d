package neuralnet

import (
	"encoding/binary"
	"errors"
	"math"
)

// AppendState appends what the trainer keeps from one update to the next besides the network's weights: how many
// updates there were, and the optimizer's moments.
func (t *Trainer) AppendState(b []byte) []byte {
	b = binary.LittleEndian.AppendUint64(b, uint64(t.steps))
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(t.beta1t))
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(t.beta2t))
	for _, m := range t.moments() {
		for _, x := range m {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
		}
	}
	return b
}

// SetState makes the trainer go on as one of the same network, optimizer and batches that had the state, and gives
// what follows in b. The weights are the caller's to set. After an error the trainer is as it was.
func (t *Trainer) SetState(b []byte) (rest []byte, err error) {
	size := 3 * 8
	for _, m := range t.moments() {
		size += 4 * len(m)
	}
	if len(b) < size {
		return nil, errors.New("network: the state of a trainer is cut short, or another network's")
	}
	t.steps = int64(binary.LittleEndian.Uint64(b))
	t.beta1t = math.Float64frombits(binary.LittleEndian.Uint64(b[8:]))
	t.beta2t = math.Float64frombits(binary.LittleEndian.Uint64(b[16:]))
	b = b[24:]
	for _, m := range t.moments() {
		for i := range m {
			m[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		}
		b = b[4*len(m):]
	}
	return b, nil
}

// moments gives those of all layers, in a fixed order.
func (t *Trainer) moments() [][]float32 {
	var list [][]float32
	t.each(func(_ int, _ *Layer, s *layerState) {
		list = append(list, s.m, s.v, s.mBiases, s.vBiases)
	})
	return list
}
