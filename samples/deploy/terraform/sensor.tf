# The sensor: an ECS service on Fargate behind a Network Load Balancer that keeps each mirrored interface with one task
# (stickiness in load-balancer.tf). Both ends of a connection between two mirrored interfaces may still go to two tasks.

provider "aws" {
  region = var.region
}

resource "aws_ecs_cluster" "periscope" {
  name = var.name
}

resource "aws_cloudwatch_log_group" "periscope" {
  name_prefix       = "/${var.name}-"
  retention_in_days = 30
}

resource "aws_iam_role" "execution" {
  name_prefix = "${var.name}-execution-"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "execution" {
  role       = aws_iam_role.execution.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

# Mirrored packets from the interfaces that are watched, metrics for the scraper, health checks from the load balancer.
resource "aws_security_group" "sensor" {
  name_prefix = "${var.name}-sensor-"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "mirrored" {
  for_each          = toset(local.tunnel.sources)
  security_group_id = aws_security_group.sensor.id
  ip_protocol       = "udp"
  from_port         = local.tunnel.port
  to_port           = local.tunnel.port
  cidr_ipv4         = strcontains(each.value, ":") ? null : each.value
  cidr_ipv6         = strcontains(each.value, ":") ? each.value : null
}

data "aws_subnet" "sensor" {
  for_each = toset(var.subnet_ids)
  id       = each.value
}

resource "aws_vpc_security_group_ingress_rule" "admin" {
  for_each          = toset(concat(var.scraper_cidr_blocks, [for subnet in data.aws_subnet.sensor : subnet.cidr_block]))
  security_group_id = aws_security_group.sensor.id
  ip_protocol       = "tcp"
  from_port         = 9789
  to_port           = 9789
  cidr_ipv4         = each.value
}

# To fetch the image and to write logs.
resource "aws_vpc_security_group_egress_rule" "https" {
  security_group_id = aws_security_group.sensor.id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_ecs_task_definition" "periscope" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  execution_role_arn       = aws_iam_role.execution.arn

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.cpu_architecture
  }

  container_definitions = jsonencode([{
    name                   = "periscope"
    image                  = var.image
    essential              = true
    user                   = "65532:65532"
    readonlyRootFilesystem = true
    linuxParameters        = { capabilities = { drop = ["ALL"] } }
    portMappings = [
      { containerPort = local.tunnel.port, protocol = "udp" },
      { containerPort = 9789, protocol = "tcp" },
    ]
    environment = [
      { name = "PERISCOPE_VARS", value = "{HOME_NET: '${var.home_net}'}" },
      { name = local.tunnel.setting, value = "0.0.0.0:${local.tunnel.port}" },
      # Deregistered targets go on receiving established flows; the platform kills after stopTimeout.
      { name = "PERISCOPE_SHUTDOWN_DRAIN_SECONDS", value = "100" },
    ]
    stopTimeout = 120
    # Events are what the sensor is for, and they go to stdout. In mode non-blocking (the default of newer accounts) the driver
    # drops what it cannot send and tells nobody. In mode blocking it lets the pipe fill: the sensor goes on inspecting,
    # holds events back (eve.bufferBytes) and counts what it loses, so that an alarm can ring.
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.periscope.name
        awslogs-region        = var.region
        awslogs-stream-prefix = "sensor"
        mode                  = "blocking"
      }
    }
  }])
}

resource "aws_ecs_service" "periscope" {
  name            = var.name
  cluster         = aws_ecs_cluster.periscope.id
  task_definition = aws_ecs_task_definition.periscope.arn
  desired_count   = var.tasks
  launch_type     = "FARGATE"

  # A new task is there before the old one goes.
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  health_check_grace_period_seconds  = 60

  network_configuration {
    subnets         = var.subnet_ids
    security_groups = [aws_security_group.sensor.id]
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.vxlan.arn
    container_name   = "periscope"
    container_port   = local.tunnel.port
  }

  service_registries {
    registry_arn = aws_service_discovery_service.sensor.arn
  }

  depends_on = [aws_lb_listener.vxlan]
}
