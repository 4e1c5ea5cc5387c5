export interface ApplicationRef {
  readonly service: string;
  readonly application: string;
}
