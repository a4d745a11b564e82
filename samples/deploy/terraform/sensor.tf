# The sensor: an ECS service on Fargate behind a Network Load Balancer. One task: a load balancer hashes the outer
# addresses and ports, and the two directions of an inner flow differ in these, so two tasks may see half of it each.

provider "aws" {
  region = var.region
}

resource "aws_ecs_cluster" "periscope" {
  name = "periscope"
}

resource "aws_cloudwatch_log_group" "periscope" {
  name              = "/periscope"
  retention_in_days = 30
}

resource "aws_iam_role" "execution" {
  name_prefix = "periscope-execution-"
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
  name_prefix = "periscope-sensor-"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "mirrored" {
  for_each          = toset(var.mirrored_cidr_blocks)
  security_group_id = aws_security_group.sensor.id
  ip_protocol       = "udp"
  from_port         = 4789
  to_port           = 4789
  cidr_ipv4         = each.value
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
  family                   = "periscope"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  execution_role_arn       = aws_iam_role.execution.arn

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = "ARM64"
  }

  container_definitions = jsonencode([{
    name                   = "periscope"
    image                  = var.image
    essential              = true
    user                   = "65532:65532"
    readonlyRootFilesystem = true
    linuxParameters        = { capabilities = { drop = ["ALL"] } }
    portMappings = [
      { containerPort = 4789, protocol = "udp" },
      { containerPort = 9789, protocol = "tcp" },
    ]
    environment = [
      { name = "PERISCOPE_VARS", value = "{HOME_NET: '${var.home_net}'}" },
      # Deregistered targets go on receiving established flows; the platform kills after stopTimeout.
      { name = "PERISCOPE_SHUTDOWN_DRAIN_SECONDS", value = "100" },
    ]
    stopTimeout = 120
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.periscope.name
        awslogs-region        = var.region
        awslogs-stream-prefix = "sensor"
        mode                  = "non-blocking"
        max-buffer-size       = "25m"
      }
    }
  }])
}

resource "aws_ecs_service" "periscope" {
  name            = "periscope"
  cluster         = aws_ecs_cluster.periscope.id
  task_definition = aws_ecs_task_definition.periscope.arn
  desired_count   = 1
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
    container_port   = 4789
  }

  depends_on = [aws_lb_listener.vxlan]
}
