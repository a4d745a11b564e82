# UDP 4789 to the tasks, with health checks by HTTP. No security group on the load balancer: Traffic Mirroring sends to
# it directly, and the client address (the mirrored interface) is preserved for the sensor's own group.

resource "aws_lb" "periscope" {
  name                             = "periscope"
  load_balancer_type               = "network"
  internal                         = true
  subnets                          = var.subnet_ids
  enable_cross_zone_load_balancing = true
}

resource "aws_lb_target_group" "vxlan" {
  name        = "periscope-vxlan"
  vpc_id      = var.vpc_id
  target_type = "ip"
  protocol    = "UDP"
  port        = 4789

  # As long as the sensor goes on receiving after SIGTERM.
  deregistration_delay = 100

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
