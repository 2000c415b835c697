package bucket

import (
	"context"
	"time"
)

// OpenImpatient is Open for a store that may stand still for no more than idle.
func OpenImpatient(ctx context.Context, name, prefix string, idle time.Duration) (*Bucket, error) {
	return open(ctx, name, prefix, "list, read, write and delete", idle)
}
