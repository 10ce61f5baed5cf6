package machine

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// QEMU's names of parts of the machine.
const (
	usbBus    = "xhci.0"
	freshBoot = ""
)

// hardware returns QEMU's arguments for a machine in the folder dir. What depends on the
// host (dir, the port, the accelerator) can differ between two runs. A snapshot fits only
// a machine with the same other arguments.
func hardware(o Options, image Image, dir, port string) []string {
	disk := filepath.Join(dir, "disk.qcow2")
	args := []string{
		"-name", "vocoder", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
		"-M", "q35,graphics=on", "-smp", "2", "-m", strconv.Itoa(o.memory()),
		"-kernel", image.kernel(), "-initrd", image.initrd(),
		"-append", "console=ttyS0 quiet nokaslr mitigations=off tsc=reliable random.trust_cpu=on " +
			"net.ifnames=0 audit=0 no_timer_check machine.session=" + o.session(),
		// The base is named here, not in the disk's own header: a cache may move.
		"-drive", "if=none,id=disk,driver=qcow2,cache=unsafe,discard=unmap,file.filename=" + disk +
			",backing.driver=qcow2,backing.file.filename=" + image.root(),
		"-device", "virtio-blk-pci,drive=disk",
		"-netdev", fmt.Sprintf("user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:%s-10.0.2.15:22", port),
		"-device", "virtio-net-pci,netdev=net,romfile=",
		"-object", "rng-builtin,id=rng", "-device", "virtio-rng-pci,rng=rng",
		"-device", "virtio-gpu-pci", "-device", "virtio-tablet-pci",
		"-device", "qemu-xhci,id=xhci",
		"-audiodev", "pa,id=sound,server=unix:" + pulseSocket(dir) +
			",in.name=" + micSink + ".monitor,out.name=" + speakerSink + ",in.latency=400000,out.latency=46000",
		"-device", "ich9-intel-hda,id=hda", "-device", "hda-micro,audiodev=sound,bus=hda.0",
		"-chardev", "socket,id=qmp,fd=3,server=on,wait=off", "-mon", "chardev=qmp,mode=control",
		"-chardev", "socket,id=serial,fd=4,server=on,wait=off,logfile=" + filepath.Join(dir, "serial.log"),
		"-serial", "chardev:serial",
	}
	if os.Getenv("VOCODER_MACHINE_ACCEL") == "kvm" {
		return append(args, "-accel", "kvm", "-cpu", "host")
	}
	return append(args, "-accel", "tcg,thread=multi,tb-size=1024", "-cpu", "Nehalem")
}

// snapshotPath returns the path of the snapshot of a started machine. Its name is a hash of
// QEMU's version and of the machine's hardware. It is in the folder of the image.
func snapshotPath(ctx context.Context, o Options, image Image) (string, error) {
	version, err := exec.CommandContext(ctx, "qemu-system-x86_64", "--version").Output()
	if err != nil {
		return "", fmt.Errorf("ask qemu for its version: %w", err)
	}
	sum := sha256.Sum256(fmt.Appendf(version, "%q", hardware(o, Image{}, "", "0")))
	return filepath.Join(image.Dir, fmt.Sprintf("ready-%x.qcow2", sum[:8])), nil
}

// startQEMU starts the machine in m's folder, from a snapshot in its disk or without, and
// connects the monitor. After that clients can connect to the serial port.
func (m *Machine) startQEMU(ctx context.Context, o Options, snapshot string) error {
	var files []*os.File
	for _, name := range []string{"qmp.sock", "serial.sock"} {
		f, err := listen(filepath.Join(m.dir, name))
		if err != nil {
			return err
		}
		defer f.Close()
		files = append(files, f)
	}
	args := hardware(o, m.image, m.dir, m.port)
	if snapshot != freshBoot {
		args = append(args, "-loadvm", snapshot)
	}
	log := filepath.Join(m.dir, "qemu.log")
	var err error
	if m.qemu, err = launch(o.Detach, log, nil, files, "qemu-system-x86_64", args...); err != nil {
		return err
	}
	if m.monitor, err = dialMonitor(ctx, filepath.Join(m.dir, "qmp.sock")); err != nil {
		return fmt.Errorf("start qemu: %w\n%s", err, tail(log, 10))
	}
	return nil
}

// run runs a program on the host to its end and returns what it printed.
func run(ctx context.Context, name string, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("run %s: %w: %s", name, err, strings.TrimSpace(string(out)))
	}
	return string(out), nil
}
