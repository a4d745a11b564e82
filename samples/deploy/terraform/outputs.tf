output "vnis" {
  description = "VNI of each mirrored interface: what tunnel.vni in events and vni in rules mean."
  value       = { for name, source in var.mirrored_interfaces : name => source.vni }
}

output "scrape_name" {
  description = "Name with an A record for each task: dns_sd_configs of Prometheus, port 9789."
  value       = "${aws_service_discovery_service.sensor.name}.${aws_service_discovery_private_dns_namespace.periscope.name}"
}
