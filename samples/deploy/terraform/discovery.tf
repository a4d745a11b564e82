# A name by which Prometheus finds the tasks, each by itself: the load balancer would show another one at every scrape.

resource "aws_service_discovery_private_dns_namespace" "periscope" {
  name = "${var.name}.internal"
  vpc  = var.vpc_id
}

resource "aws_service_discovery_service" "sensor" {
  name = "sensor"

  dns_config {
    namespace_id   = aws_service_discovery_private_dns_namespace.periscope.id
    routing_policy = "MULTIVALUE"

    dns_records {
      type = "A"
      ttl  = 10
    }
  }

  # ECS says which tasks there are.
  health_check_custom_config {
    failure_threshold = 1
  }
}
