/** Leave to make one attempt. It is told once how the attempt went; what it is told later is ignored. */
export interface Permit {
  /** The endpoint did its part. */
  success(): void;
  /** The endpoint failed. */
  failure(): void;
  /** The attempt says nothing about the endpoint. */
  neutral(): void;
}
