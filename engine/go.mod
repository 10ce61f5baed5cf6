module github.com/arealicehole/vocoder/engine

go 1.26.0

replace github.com/arealicehole/vocoder => ../

require (
	github.com/arealicehole/vocoder v0.0.0
	github.com/coreos/go-systemd/v22 v22.7.0
	github.com/spf13/cobra v1.10.2
	github.com/spf13/pflag v1.0.9
	golang.org/x/sys v0.50.0
)

require (
	github.com/godbus/dbus/v5 v5.2.4 // indirect
	github.com/inconshreveable/mousetrap v1.1.0 // indirect
	golang.org/x/text v0.44.0 // indirect
)
