// The `fields` picker, on records, lists and other answers.

import { get, patch, post } from "../lib/http.mjs";

const HTML = "<style>x{}</style><h1>Title &amp; more</h1><p>First <b>bold</b>&nbsp;text.</p>\n<p>Second<br>line <script>bad()</script>end</p><ul><li>one</li><li>two</li></ul>";

const PICKS = [
  "a", "a,n", "n,a", "*", "*,a", "a,*", "id,collectionId,collectionName", "nope", "a,nope", "A", "a.b", "j", "j.k", "j.k.l", "j.k.l.m", "j.list", "j.list.x", "j.list.0", "j.list.0.x", "j.*", "j.k.*", "*.k", "*.*", "j.nope", "j.nope.x", "s", "s.0", "s.*", "g", "g.lon", "g.lat,g.lon", "g.nope", "h", "id,h",
  " a , n ", "a,,n", ",", ",a", "a,", ".", ".a", "a.", "a..b", "j..k", "j. k", "expand", "expand.*", "expand.x.y", "*,expand.x.y", "*,j.k.l", "j.k,j.list", "j,j.k", "j.k,j", "a,a", "-a", "+a", "a b", "a;b", "@rowid", "a'", 'a"', "a\\",
  "html:excerpt(10)", "html:excerpt(10,true)", "html:excerpt(10,false)", "html:excerpt(10,1)", "html:excerpt(10,t)", "html:excerpt(10,yes)", "html:excerpt(1000,true)", "html:excerpt(1)", "html:excerpt(0)", "html:excerpt(-1)", "html:excerpt()", "html:excerpt", "html:excerpt(x)", "html:excerpt(1.5)", "html:excerpt(10,true,x)",
  "html:excerpt( 10 , true )", "html:excerpt(10", "html:excerpt10)", "html:excerpt(10))", "html:EXCERPT(10)", "html:nope(1)", "html:", ":excerpt(5)", "a:excerpt(2,true)", "n:excerpt(1)", "j:excerpt(2)", "s:excerpt(1)", "j.t:excerpt(3,true)", "j.list.x:excerpt(1)", "*:excerpt(3)", "*:excerpt(3,true),id", "html:excerpt(5),html", "html,html:excerpt(5)",
  "a,html:excerpt(10,true),n", "html:excerpt(10):excerpt(5)", "html:excerpt(5,true).x", "long:excerpt(5,true)", "uni:excerpt(3,true)", "uni:excerpt(6)", "spaces:excerpt(8,true)", "plain:excerpt(100)", "a:excerpt(99999999999999999999)", "a:excerpt(010)", "a:excerpt(+2)",
];

/** Texts whose excerpt is compared; one record each. */
const TEXTS = [
  HTML, "", " ", "plain", "a < b > c", "a &lt; b &amp;&amp; c &#39;d&#39; &nbsp; &copy; &nope;", "<p>one</p><p>two</p>", "<div>one<div>two</div></div>three", "one<br>two<br/>three<hr>four", "<b>one</b><i>two</i> <span>three</span>", "<p>unclosed", "text</p>", "<a href='x'>link</a>text", "<!-- comment -->text",
  "<table><tr><td>1</td><td>2</td></tr></table>", "<pre>  keep   spaces\n lines</pre>", "<select><option>o</option></select>x", "<button>b</button>x<textarea>t</textarea>y<input value=z>", "<img alt='alt'>x<svg><text>s</text></svg>y<iframe>i</iframe>z", "<ul><li>a<li>b</ul>", "<h1>h</h1>text<h2>h</h2>", "<template>t</template><dialog>d</dialog>e",
  "<head><title>t</title></head><body>b</body>", "<P>UPPER</P><SCRIPT>x</SCRIPT>y", "a\u00a0b\u2003c\u200bd", "  lead and trail  ", "tab\tnew\nline\r\nend", "emoji 😀 family 👨‍👩‍👧 end", "<p>a</p>\n\n<p>b</p>", "<blockquote>q</blockquote>x<code>c</code>", "<noscript>n</noscript>x", "<video>v</video>x<audio>a</audio>y<object>o</object>z", "<article>a</article><section>s</section><footer>f</footer>",
  "<em>a</em>,<strong>b</strong>.", "x<sub>1</sub>", "<label>l</label><form>f</form>g", "<p hidden>h</p>x", "a<p></p>b", "<dl><dt>t</dt><dd>d</dd></dl>", "<details><summary>s</summary>d</details>",
];

export default async function (both) {
  await both.same("set-up", post("/api/collections", {
    name: "items", listRule: "", viewRule: "",
    fields: [
      { name: "a", type: "text" }, { name: "n", type: "number" }, { name: "j", type: "json" }, { name: "s", type: "select", values: ["x", "y"], maxSelect: 2 }, { name: "g", type: "geoPoint" }, { name: "h", type: "text", hidden: true }, { name: "html", type: "editor" }, { name: "long", type: "text" },
      { name: "uni", type: "text" }, { name: "spaces", type: "text" }, { name: "plain", type: "text" },
    ],
  }));
  await both.same("record", post("/api/collections/items/records", {
    id: "i00000000000001", a: "alpha", n: 12345, j: { k: { l: { m: 1 }, o: 2 }, list: [{ x: "one", y: 1 }, { x: "two", y: 2 }, 3], t: "text" }, s: ["x", "y"], g: { lon: 1, lat: 2 }, h: "hidden", html: HTML, long: "abcdefghij", uni: "äöü日本語😀😀", spaces: "  a   b\n\nc   d  ",
    plain: "no <html> & here",
  }));
  const query = (pick) => encodeURIComponent(pick);
  for (const pick of PICKS) {
    await both.same(`one ${pick}`, get(`/api/collections/items/records/i00000000000001?fields=${query(pick)}`));
    await both.same(`list ${pick}`, get(`/api/collections/items/records?fields=${query(pick)}`));
  }
  for (const pick of ["h", "id,h", "*", "a"]) await both.same(`guest ${pick}`, get(`/api/collections/items/records/i00000000000001?fields=${query(pick)}`, { as: "guest" }));

  for (const [i, text] of TEXTS.entries()) {
    const id = `x${String(i).padStart(14, "0")}`;
    await both.same(`text ${i}`, post("/api/collections/items/records", { id, html: text }));
    await both.same(`excerpt of ${JSON.stringify(text)}`, get(`/api/collections/items/records/${id}?fields=html:excerpt(200)`));
    await both.same(`cut excerpt of ${JSON.stringify(text)}`, get(`/api/collections/items/records/${id}?fields=html:excerpt(7,true)`));
  }

  const one = "/api/collections/items/records/i00000000000001";
  await both.sameAll({
    "update": patch(`${one}?fields=a`, { n: 1 }),
    "update with a broken picker": patch(`${one}?fields=a:nope(1)`, { n: 2 }),
    "the broken picker did save": get(`${one}?fields=n`),
    "error answers are whole": get(`/api/collections/items/records/nope?fields=status`),
    "envelope keys are relative to items": get("/api/collections/items/records?fields=items,page"),
    "health": get("/api/health?fields=code"),
    "collections": get("/api/collections?fields=name,nope"),
    "auth methods": get("/api/collections/users/auth-methods?fields=password.enabled,otp"),
    "sign in": post("/api/collections/_superusers/auth-with-password?fields=record.email,nope", { identity: "root@example.com", password: "root-password-1" }),
  });
}
