// Package arrowio reads and writes Arrow IPC, as files and as streams, and views
// frames as Arrow record batches.
//
// It is the only package that knows the library underneath, of which it uses
// the arrays and the IPC format and nothing else.
package arrowio
