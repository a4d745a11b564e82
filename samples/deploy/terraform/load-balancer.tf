# UDP 4789 to the tasks, with health checks by HTTP. No security group on the load balancer: Traffic Mirroring sends to
# it directly, and the client address (the mirrored interface) is preserved for the sensor's own group.

locals {
  # What the sensor receives, and from where.
  tunnel = {
    port    = 4789
    setting = "PERISCOPE_LISTEN"
    sources = var.mirrored_cidr_blocks
  }
}

resource "aws_lb" "periscope" {
  name               = var.name
  load_balancer_type = "network"
  internal           = true
  subnets            = var.subnet_ids

  # Needed with fewer tasks than zones; traffic between zones is then paid for. With a task in each zone turn it off.
  enable_cross_zone_load_balancing = true
}

resource "aws_lb_target_group" "vxlan" {
  name_prefix = "vxlan-"
  vpc_id      = var.vpc_id
  target_type = "ip"
  protocol    = "UDP"
  port        = 4789

  # As long as the sensor goes on receiving after SIGTERM.
  deregistration_delay = 100

  # The client address is that of the mirrored interface, so all it mirrors goes to one task, and both directions of a flow
  # meet there. By addresses and ports they would not: the two directions have different outer ports.
  stickiness {
    enabled = true
    type    = "source_ip"
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

  # The name has a prefix of six characters at most and an ending of its own, so that a new one can come before the old goes.
  lifecycle {
    create_before_destroy = true
  }
  tags = { Name = "${var.name}-vxlan" }
}

resource "aws_lb_listener" "vxlan" {
  load_balancer_arn = aws_lb.periscope.arn
  port              = 4789
  protocol          = "UDP"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.vxlan.arn
  }
}

resource "aws_ec2_traffic_mirror_target" "periscope" {
  description               = var.name
  network_load_balancer_arn = aws_lb.periscope.arn
}
