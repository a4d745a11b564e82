variable "name" {
  type        = string
  default     = "periscope"
  description = "Begins the names of everything, so that two stacks fit in one account. Short, as load balancers have names of 32 characters."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,18}[a-z0-9]$", var.name))
    error_message = "Lower-case letters, digits and hyphens, 2 to 20 of them, beginning with a letter."
  }
}

variable "region" {
  type        = string
  description = "Where everything runs."
}

variable "vpc_id" {
  type        = string
  description = "VPC of the sensor and its load balancer."
}

variable "subnet_ids" {
  type        = list(string)
  description = "Private subnets, one per availability zone, for the load balancer and the tasks. They need a way to the image registry."
}

variable "mirrored_interfaces" {
  type = map(object({
    interface = string
    vni       = number
  }))
  description = "Network interfaces to watch: for each a name, its id, and the VNI of its mirror session. The VNI is given and not counted, so that one more interface moves no other: rules and dashboards know it."

  validation {
    condition     = alltrue([for source in values(var.mirrored_interfaces) : source.vni >= 1 && source.vni <= 16777215 && floor(source.vni) == source.vni])
    error_message = "A VNI is a whole number from 1 to 16777215."
  }
  validation {
    condition     = length(distinct([for source in values(var.mirrored_interfaces) : source.vni])) == length(var.mirrored_interfaces)
    error_message = "Each interface needs a VNI of its own."
  }
}

variable "mirrored_cidr_blocks" {
  type        = list(string)
  description = "Where the mirrored interfaces are, IPv4 or IPv6: mirrored packets come from their addresses."
}

variable "scraper_cidr_blocks" {
  type        = list(string)
  default     = []
  description = "Where Prometheus is; may read /metrics."
}

variable "image" {
  type        = string
  description = "Image of Periscope, with its tag or digest."
}

variable "cpu_architecture" {
  type        = string
  default     = "X86_64"
  description = "What the image was built for: docker build --platform linux/amd64 is X86_64, linux/arm64 is ARM64."

  validation {
    condition     = contains(["X86_64", "ARM64"], var.cpu_architecture)
    error_message = "X86_64 or ARM64."
  }
}

variable "home_net" {
  type        = string
  default     = "[10.0.0.0/8,172.16.0.0/12,192.168.0.0/16]"
  description = "HOME_NET of the rules."
}

variable "cpu" {
  type        = number
  default     = 2048
  description = "CPU units of the task: 1024 are a processor. One receives, the others inspect."
}

variable "memory" {
  type        = number
  default     = 4096
  description = "Memory of the task in MiB; docs/operations.md has what takes how much."
}

variable "tasks" {
  type        = number
  default     = 1
  description = "Sensors. Each mirrored interface stays with one of them, so more of them help where there are many interfaces."
}
