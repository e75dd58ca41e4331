// Listening with the official client.

import { EventSource } from "eventsource";
import { EventQueue } from "./event-queue.mjs";

// Node has none that is always there; users of the client in Node bring this one.
globalThis.EventSource = EventSource;

const clients = new Set();

/** Makes `hangUp` end the connection of a client that listens by its own means. */
export const track = (client) => clients.add(client);

/**
 * Subscribes and resolves when the server knows, with a queue of the events. `stop()` of the queue unsubscribes.
 *
 * @param {import("pocketbase").RecordService} service a collection of a client
 * @returns {Promise<EventQueue & {stop: () => Promise<void>}>}
 */
export async function listen(service, topic = "*", options = undefined) {
  track(service.client);
  const events = new EventQueue();
  events.stop = await service.subscribe(topic, (event) => events.push(event), options);
  return events;
}

/** Ends the connections of all that have listened: to be called before the server stops, or they try to come back for ever. */
export async function hangUp() {
  await Promise.all([...clients].map((client) => client.realtime.unsubscribe()));
  clients.clear();
}

/** An event in a word or two: its action and the title of its record. */
export const brief = ({ action, record }) => `${action} ${record.title}`;

/** Whether an event is about the record called `title`. */
export const titled = (title) => ({ record }) => record.title === title;

/**
 * Makes a record called `end` and answers in brief what `events` were heard before it: the way to show that something was not sent,
 * because a server keeps the order of the changes of one collection.
 */
export async function heardBefore(service, events, end = {}) {
  const { title } = await service.create({ title: "end", ...end });
  return (await events.until(titled(title))).map(brief);
}
