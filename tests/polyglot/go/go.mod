module motet-peer

go 1.19

require motet v0.1.0

require (
	github.com/vmihailenco/msgpack/v5 v5.4.1 // indirect
	github.com/vmihailenco/tagparser/v2 v2.0.0 // indirect
)

replace motet => ../../../bindings/go
