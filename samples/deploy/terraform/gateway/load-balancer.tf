# Instead of ../load-balancer.tf, a Gateway Load Balancer: copy this file over that one. Mirror sessions send to an endpoint,
# which may be in another VPC or account than the sensor; packets arrive in GENEVE on UDP 6081, with the VXLAN inside.

locals {
  # What the sensor receives, and from where: the load balancer's own addresses, which are in its subnets.
  tunnel = {
    port    = 6081
    setting = "PERISCOPE_GENEVE_LISTEN"
    sources = [for subnet in data.aws_subnet.sensor : subnet.cidr_block]
  }
}

resource "aws_lb" "periscope" {
  name               = var.name
  load_balancer_type = "gateway"
  subnets            = var.subnet_ids

  # Needed with fewer tasks than zones; traffic between zones is then paid for. With a task in each zone turn it off.
  enable_cross_zone_load_balancing = true
}

resource "aws_lb_target_group" "vxlan" {
  name_prefix = "gnv-"
  vpc_id      = var.vpc_id
  target_type = "ip"
  protocol    = "GENEVE"
  port        = 6081

  # As long as the sensor goes on receiving after SIGTERM.
  deregistration_delay = 100

  # All that comes from one mirrored interface goes to one task, so that both directions of a flow meet there: the addresses
  # are those of the interface and of the endpoint. By ports too, as is the default, they would not.
  stickiness {
    enabled = true
    type    = "source_ip_dest_ip"
  }

  health_check {
    protocol            = "HTTP"
    port                = "9789"
    path                = "/readyz"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }

  lifecycle {
    create_before_destroy = true
  }
  tags = { Name = "${var.name}-geneve" }
}

resource "aws_lb_listener" "vxlan" {
  load_balancer_arn = aws_lb.periscope.arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.vxlan.arn
  }
}

resource "aws_vpc_endpoint_service" "periscope" {
  acceptance_required        = false
  gateway_load_balancer_arns = [aws_lb.periscope.arn]
  tags                       = { Name = var.name }
}

# An endpoint is in one subnet. Sources in other zones reach it across zones, or get an endpoint and a target of their own.
resource "aws_vpc_endpoint" "periscope" {
  service_name      = aws_vpc_endpoint_service.periscope.service_name
  vpc_endpoint_type = "GatewayLoadBalancer"
  vpc_id            = var.vpc_id
  subnet_ids        = [var.subnet_ids[0]]
  tags              = { Name = var.name }
}

resource "aws_ec2_traffic_mirror_target" "periscope" {
  description                       = var.name
  gateway_load_balancer_endpoint_id = aws_vpc_endpoint.periscope.id
}
