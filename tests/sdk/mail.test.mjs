// Mails on their way: encryption, signing in, and what arrives.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { refused, superuser } from "./client.mjs";
import { startMailServer } from "./mail-server.mjs";
import { startServer } from "./server.mjs";

let mails;
let server;
let client;

before(async () => {
  mails = await startMailServer();
  server = await startServer({ env: mails.env });
  client = await superuser(server);
});
after(async () => {
  await server?.stop();
  await mails?.stop();
});

for (const kind of ["plain", "starttls", "tls"]) {
  for (const method of [null, "PLAIN", "LOGIN"]) {
    test(`a mail by ${kind}, ${method ? `signed in by ${method}` : "not signed in"}`, async () => {
      await client.settings.update({ smtp: mails.smtp(kind, method) });
      const to = `${kind}-${method}@example.org`;
      await client.settings.testEmail("users", to, "verification");
      const mail = await mails.nextMail(to);
      assert.equal(mail.secure, kind !== "plain");
      assert.equal(mail.method, method ?? undefined);
      assert.equal(mail.from, "support@example.com");
      assert.equal(mail.headers.get("from").text, '"Support" <support@example.com>');
      assert.match(mail.headers.get("message-id"), /^<\w{15}@example\.com>$/);
      const link = mail.links.find((address) => address.includes("/_/#/auth/confirm-verification/"));
      assert.match(link, /\/[\w-]+\.[\w-]+\.[\w-]+$/);
      assert.ok(mail.text.includes(link), mail.text);
    });
  }
}

test("each template arrives", async () => {
  await client.settings.update({ smtp: mails.smtp(), meta: { appName: "Grüße & Co" } });
  const to = "templates@example.org";
  const subjects = [];
  for (const template of ["verification", "password-reset", "email-change", "otp", "login-alert"]) {
    await client.settings.testEmail("users", to, template);
    const mail = await mails.nextMail(to);
    subjects.push(mail.subject);
    if (template === "otp") assert.match(mail.text, /123456/);
  }
  assert.deepEqual(subjects, [
    "Verify your Grüße & Co email",
    "Reset your Grüße & Co password",
    "Confirm your Grüße & Co new email address",
    "OTP for Grüße & Co",
    "Login from a new location",
  ]);
});

test("a wrong password of the mail server is told, and the mail is not sent", async () => {
  await client.settings.update({ smtp: { ...mails.smtp("tls", "PLAIN"), password: "not this one" } });
  const error = await refused(client.settings.testEmail("users", "ann@example.org", "otp"), 400);
  assert.match(error.response.message, /535/);
  assert.doesNotMatch(error.response.message, /not this one/);
});

test("a mail server with an unknown certificate gets no mail", async (t) => {
  const stranger = await startMailServer();
  t.after(stranger.stop);
  for (const kind of ["starttls", "tls"]) {
    await client.settings.update({ smtp: stranger.smtp(kind, "PLAIN") });
    const error = await refused(client.settings.testEmail("users", "ann@example.org", "otp"), 400);
    assert.match(error.response.message, /certificate/i);
  }
});

test("TLS on a port without it fails", async () => {
  await client.settings.update({ smtp: { ...mails.smtp("plain"), tls: true } });
  await refused(client.settings.testEmail("users", "ann@example.org", "otp"), 400);
});

test("what a test mail needs", async () => {
  await client.settings.update({ smtp: mails.smtp() });
  const send = (body) => client.send("/api/settings/test/email", { method: "POST", body });
  await refused(send({}), 400, { email: "validation_required", template: "validation_required" });
  await refused(send({ email: "x", template: "x", collection: "_mfas" }), 400, {
    email: "validation_is_email",
    template: "validation_in_invalid",
    collection: "validation_invalid_auth_collection",
  });
  await refused(send({ email: 5, template: "otp" }), 400);
});
