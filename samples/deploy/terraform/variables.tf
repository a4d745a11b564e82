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
  type        = map(string)
  description = "Network interfaces to watch: a name for each, and its id. Each becomes a mirror session with a VNI of its own."
}

variable "first_vni" {
  type        = number
  default     = 4711
  description = "VNI of the first session; the others follow in the order of their names."
}

variable "mirrored_cidr_blocks" {
  type        = list(string)
  description = "Where the mirrored interfaces are: mirrored packets come from their addresses."
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

variable "home_net" {
  type        = string
  default     = "[10.0.0.0/8,172.16.0.0/12,192.168.0.0/16]"
  description = "HOME_NET of the rules."
}

variable "cpu" {
  type        = number
  default     = 2048
  description = "CPU units of the task. Scale up before scaling out: the two directions of a flow may reach different targets."
}

variable "memory" {
  type    = number
  default = 4096
}
