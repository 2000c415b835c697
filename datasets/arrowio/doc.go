// Package arrowio reads and writes Arrow IPC, as files and as streams, and views
// frames as Arrow record batches.
//
// Only this package knows the library underneath, and uses only the arrays and
// the IPC format of the library.
package arrowio
