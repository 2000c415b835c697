package boost

// leafColumn marks a node as a leaf.
const leafColumn = -1

// node is a node of a tree. A row goes left if its value of the column is at most the
// threshold, or, for a set, if its category is in the set; a missing value goes left
// if missingLeft is set.
type node struct {
	column      int32 // of the matrix; leafColumn for a leaf
	left, right int32 // nodes, both after this one; 0 for a leaf
	threshold   float32
	missingLeft bool
	set         *categorySet // of a categorical column; nil for a threshold
	rows        int64        // that it was fitted to
	gain        float64      // of an inner node: twice the loss that the split saved
	value       float64      // of a leaf: what it adds to the score
}

// tree is a tree of nodes, the root first and every node before its children.
type tree []node

func (n *node) isLeaf() bool { return n.column == leafColumn }

// next returns the child to which v goes.
func (n *node) next(v float32) int32 {
	if n.goesLeft(v) {
		return n.left
	}
	return n.right
}

func (n *node) goesLeft(v float32) bool {
	if v != v {
		return n.missingLeft
	}
	if n.set != nil {
		return n.set.holds(v)
	}
	return v <= n.threshold
}

// leaves returns the number of leaves.
func (t tree) leaves() int { return (len(t) + 1) / 2 }

// mean returns the mean value of the leaves over the rows that t was fitted to.
func (t tree) mean() float64 {
	var sum float64
	for i := range t {
		if t[i].isLeaf() {
			sum += float64(t[i].value * float64(t[i].rows))
		}
	}
	return sum / float64(max(t[0].rows, 1))
}
