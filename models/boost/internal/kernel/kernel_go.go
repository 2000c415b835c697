package kernel

func add8Go(s *Sums, words []uint64, stride int, values []uint64) {
	for i, v := range values {
		w := words[i*stride]
		s[0][uint8(w)] += v
		s[1][uint8(w>>8)] += v
		s[2][uint8(w>>16)] += v
		s[3][uint8(w>>24)] += v
		s[4][uint8(w>>32)] += v
		s[5][uint8(w>>40)] += v
		s[6][uint8(w>>48)] += v
		s[7][uint8(w>>56)] += v
	}
}

func add4Go(s *Sums, words []uint64, stride int, values []uint64) {
	for i, v := range values {
		w := words[i*stride]
		s[0][uint8(w)] += v
		s[1][uint8(w>>8)] += v
		s[2][uint8(w>>16)] += v
		s[3][uint8(w>>24)] += v
	}
}
