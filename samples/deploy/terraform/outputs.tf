output "vnis" {
  description = "VNI of each mirrored interface: what tunnel.vni in events and vni in rules mean."
  value       = { for name in local.sessions : name => var.first_vni + index(local.sessions, name) }
}
