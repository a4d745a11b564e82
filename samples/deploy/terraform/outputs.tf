output "vnis" {
  description = "VNI of each mirrored interface: what tunnel.vni in events and vni in rules mean."
  value       = { for name, source in var.mirrored_interfaces : name => source.vni }
}
