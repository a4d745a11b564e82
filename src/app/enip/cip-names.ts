/**
 * Names of CIP as events have them (CIP networks library, volume 1, chapter 5 and appendices A and B). Stage: app; data
 * only.
 */
const named = (first: number, names: string): Record<number, string> =>
  Object.fromEntries(
    names.split('|').flatMap((name, index): [number, string][] => (name === '' ? [] : [[first + index, name]])),
  );

export const CIP_SERVICES: Readonly<Record<number, string>> = {
  ...named(1, 'Get Attributes All|Set Attributes All|Get Attribute List|Set Attribute List|Reset|Start|Stop|Create'),
  ...named(9, 'Delete|Multiple Service Packet|||Apply Attributes|Get Attributes Single||Set Attributes Single'),
  ...named(17, 'Find Next Object Instance||||Restore|Save|No Forward Open|Get Member|Set Member|Insert Member'),
  ...named(27, 'Remove Member|Group Sync|Get Connection Point Member List'),
  ...named(75, 'Execute PCCC Service|Read Data|Write Data|Read Write Modify Data||||Read Data Fragmented'),
  ...named(83, 'Write Data Fragmented|Forward Open'),
};

export const CIP_CLASSES: Readonly<Record<number, string>> = {
  0: '',
  ...named(1, 'Identity|Message Router|DeviceNet|Assembly|Connection|Connection Manager|Register'),
  ...named(8, 'Discrete Input Point|Discrete Output Point|Analog Input Point|Analog Output Point'),
  ...named(14, 'Presence Sensing|Parameter|Parameter Group||Group'),
  ...named(29, 'Discrete Input Group|Discrete Output Group|Discrete Group|Analog Input Group|Analog Output Group'),
  ...named(34, 'Analog Group|Position Sensor|Position Controller Supervisor|Position Controller|Block Sequencer'),
  ...named(39, 'Command Block|Motor Data|Control Supervisor|AC/DC Drive|Acknowledge Handler|Overload|Softstart'),
  ...named(46, 'Selection||S-Device Supervisor|S-Analog Sensor|S-Analog Actuator|S-Single Stage Controller'),
  ...named(52, 'S-Gas Calibration|Trip Point||File|S-Partial Pressure|Safety Supervisor|Safety Validator'),
  ...named(59, 'Safety Discrete Output Point|Safety Discrete Output Group|Safety Discrete Input Point'),
  ...named(62, 'Safety Discrete Input Group|Safety Dual Channel Output|S-Sensor Calibration|Event Log'),
  ...named(66, 'Motion Device Axis|Time Sync|Modbus|Originator Connection List|Modbus Serial Link'),
  ...named(71, 'Device Level Ring (DLR)|QoS|Safety Analog Input Point|Safety Analog Input Group'),
  ...named(75, 'Safety Dual Channel Analog Input|SERCOS III Link|Target Connection List|Base Energy'),
  ...named(79, 'Electrical Energy|Non-Electrical Energy|Base Switch|SNMP|Power Management|RSTP Bridge|RSTP Port'),
  ...named(86, 'PRP/HSR Protocol|PRP/HSR Nodes Table|Safety Feedback|Safety Dual Channel Feedback'),
  ...named(90, 'Safety Stop Functions|Safety Limit Functions|Power Curtailment|CIP Security'),
  ...named(94, 'EtherNet/IP Security|Certificate Management'),
  ...named(103, 'PCCC Class'),
  ...named(240, 'ControlNet|ControlNet Keeper|ControlNet Scheduling|Connection Configuration|Port'),
  ...named(245, 'TCP/IP Interface|Ethernet Link|CompoNet|CompoNet Repeater'),
};

export const CIP_STATES: Readonly<Record<number, string>> = {
  ...named(0, 'Success|Connection Failure|Resource Unavailable|Invalid Parameter Value|Path Segment Error'),
  ...named(5, 'Path Destination Unknown|Partial Transfer|Connection Lost|Service Not Supported'),
  ...named(9, 'Invalid Attribute Value|Already In Requested Mode/State|Object State Conflict'),
  ...named(12, 'Object Already Exists|Attribute Not Settable|Privilege Violation|Device State Conflict'),
  ...named(16, 'Reply Data Too Large|Fragmentation Of A Primitive Value|Not Enough Data|Attribute Not Supported'),
  ...named(20, 'Too Much Data|Object Does Not Exist|Service Fragmentation Sequence Not In Progress'),
  ...named(23, 'No Stored Attribute Data|Store Operation Failure|Routing Failure, Request Packet Too Large'),
  ...named(26, 'Routing Failure, Response Packet Too Large|Missing Attribute List Entry Data'),
  ...named(28, 'Invalid Attribute Value List|Embedded Service Error|Vendor Specific Error|Invalid Parameter'),
  ...named(32, 'Write-Once Value Or Medium Already Written|Invalid Reply Received|Buffer Overflow'),
  ...named(35, 'Invalid Message Format|Key Failure In Path|Path Size Invalid|Unexpected Attribute In List'),
  ...named(39, 'Invalid Member ID|Member Not Settable|Group 2 Only Server General Failure|Unknown Modbus Error'),
  ...named(43, 'Attribute Not Gettable'),
  254: 'Still Processing',
};

export const DEVICE_TYPES: Readonly<Record<number, string>> = {
  ...named(0, 'Generic Device (deprecated)|Control Station (deprecated)|AC Drive Device|Motor Overload|Limit Switch'),
  ...named(5, 'Inductive Proximity Switch|Photoelectric Sensor|General Purpose Discrete I/O||Resolver'),
  12: 'Communications Adapter',
  14: 'Programmable Logic Controller',
  ...named(16, 'Position Controller|||DC Drive||Contactor|Motor Starter|Softstart Starter|Human-Machine Interface'),
  ...named(26, 'Mass Flow Controller|Pneumatic Valve(s)|Vacuum Pressure Gauge|Process Control Value'),
  ...named(30, 'Residual Gas Analyzer|DC Power Generator|RF Power Generator|Turbomolecular Vacuum Pump|Encoder'),
  ...named(35, 'Safety Discrete I/O Device|Fluid Flow Controller|CIP Motion Drive|CompoNet Repeater'),
  ...named(39, 'Mass Flow Controller Enhanced|CIP Modbus Device|CIP Modbus Translator|Safety Analog I/O Device'),
  ...named(43, 'Generic Device (keyable)|Managed Ethernet Switch|CIP Motion Safety Drive Device'),
  ...named(46, 'Safety Drive Device|CIP Motion Encoder|CIP Motion Converter|CIP Motion I/O'),
  ...named(50, 'ControlNet Physical Layer Component'),
};
