// Package privacy protects the people behind customers' ids from recipients without a
// need to know: lists of customers to leave out, and keyed pseudonyms.
package privacy

// Settings say how people are protected.
type Settings struct {
	Suppress  string     `yaml:"suppress" doc:"File of customers who are in no file for a CRM system: one id a line, or a CSV file with a column customer." json:",omitempty"`
	Erase     string     `yaml:"erase" doc:"File of customers of whom nothing is read, so that they are in no output, model or table; likewise. Not beside history." json:",omitempty"`
	MinGroup  int        `yaml:"min_group" min:"0" max:"1000000" doc:"Groups of fewer customers have no row in profiles.parquet, and no card and no action in the report. 0: all have." json:",omitempty"`
	Pseudonym *Pseudonym `yaml:"pseudonym" doc:"Ids in files for CRM systems are replaced by pseudonyms. Default: they are written as they are." json:",omitempty"`
}

// Pseudonym says by which key pseudonyms are made. The key itself is in no job file.
type Pseudonym struct {
	KeyEnv  string `yaml:"key_env" doc:"Environment variable that holds the key, of at least 32 characters." json:",omitempty"`
	KeyFile string `yaml:"key_file" doc:"File that holds the key, likewise." json:",omitempty"`
}
