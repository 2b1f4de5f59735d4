# Who runs the interface, and how it is told to keep our configuration.

# detect: MANAGER is a name for people, WRITER the functions that fit.
detect() {
  MANAGER=none WRITER=runtime
}

# The runtime form: the kernel alone; nothing survives a reboot.
write_runtime() {
  :
}

activate_runtime() {
  :
}
