/** What a user is told when a service gives no usable answer, whatever the reason. */
export function unavailableMessage(service: string): string {
  return `${service} service unavailable`.trimStart();
}
