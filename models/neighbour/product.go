package neighbour

// subtract sets c to c − a·bᵀ.
func subtract(c, a, b *tile) {
	for i := 0; i < side; i += 4 {
		for j := 0; j < side; j += 2 {
			s := products(a, b, i, j)
			for k := range 4 {
				c[(i+k)*side+j] -= s[2*k]
				c[(i+k)*side+j+1] -= s[2*k+1]
			}
		}
	}
}

// add sets c to c + a·bᵀ.
func add(c, a, b *tile) {
	for i := 0; i < side; i += 4 {
		for j := 0; j < side; j += 2 {
			s := products(a, b, i, j)
			for k := range 4 {
				c[(i+k)*side+j] += s[2*k]
				c[(i+k)*side+j+1] += s[2*k+1]
			}
		}
	}
}

// products returns the products of rows i to i+3 of a with rows j and j+1 of b,
// each summed in ascending order. Eight sums at once fill the registers.
func products(a, b *tile, i, j int) [8]float64 {
	a0, a1, a2, a3 := a.row(i), a.row(i+1), a.row(i+2), a.row(i+3)
	b0, b1 := b.row(j), b.row(j+1)
	var s00, s01, s10, s11, s20, s21, s30, s31 float64
	for t := range side {
		x, y := b0[t], b1[t]
		s00 += float64(a0[t] * x)
		s01 += float64(a0[t] * y)
		s10 += float64(a1[t] * x)
		s11 += float64(a1[t] * y)
		s20 += float64(a2[t] * x)
		s21 += float64(a2[t] * y)
		s30 += float64(a3[t] * x)
		s31 += float64(a3[t] * y)
	}
	return [8]float64{s00, s01, s10, s11, s20, s21, s30, s31}
}
